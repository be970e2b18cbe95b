//! Signals of many types over Leptos' reactive graph.
//!
//! The graph's own signals bring a kilobyte of code for each type of value. These keep the value
//! beside the graph, which knows only that it changed: to it, all of them are of one type.

use std::{any::Any, cell::RefCell, marker::PhantomData, rc::Rc};

use reactive_graph::{
    computed, effect::RenderEffect, owner::LocalStorage, prelude::*, signal::ArcTrigger,
};
pub(crate) use reactive_graph::{
    graph::untrack,
    owner::{Owner, StoredValue},
};

/// Lets effects run: they do so in the browser's own time.
pub(super) fn start() {
    // An error says that it is done already.
    let _ = any_spawner::Executor::init_wasm_bindgen();
}

/// Keeps a value as long as the view that is being built.
pub(crate) fn keep<T: 'static>(value: T) {
    kept(Rc::new(value));
}

fn kept(value: Rc<dyn Any>) -> Kept {
    StoredValue::new_local(value)
}

type Kept = StoredValue<Rc<dyn Any>, LocalStorage>;

/// Runs `update` now, and again when a signal that it read has changed, as long as the view that
/// is being built.
pub(crate) fn bind(update: impl FnMut() + 'static) {
    let mut update: Box<dyn FnMut()> = Box::new(update);
    keep(RenderEffect::new(move |_: Option<()>| update()));
}

/// A value that can be read and changed; who reads it hears of changes.
pub(crate) struct RwSignal<T: 'static> {
    node: Kept,
    value: PhantomData<fn() -> T>,
}

struct Node<T> {
    changed: ArcTrigger,
    value: RefCell<T>,
}

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

impl<T: 'static> RwSignal<T> {
    /// A signal that lives as long as the view that is being built.
    pub(crate) fn new(value: T) -> Self {
        let node = Node {
            changed: ArcTrigger::new(),
            value: RefCell::new(value),
        };
        Self {
            node: kept(Rc::new(node)),
            value: PhantomData,
        }
    }

    /// `None` where the view around it is gone.
    fn node(self) -> Option<Rc<Node<T>>> {
        self.node.try_get_value()?.downcast().ok()
    }

    fn there(self) -> Rc<Node<T>> {
        match self.node() {
            Some(node) => node,
            None => unreachable!("what reads a signal lives no longer than the signal"),
        }
    }

    /// Reads the value.
    pub(crate) fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        let node = self.there();
        node.changed.track();
        read(&node.value.borrow())
    }

    /// Reads the value without hearing of changes.
    pub(crate) fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.there().value.borrow())
    }

    /// Changes the value. Does nothing where the view around it is gone.
    pub(crate) fn update(self, change: impl FnOnce(&mut T)) {
        if let Some(node) = self.node() {
            change(&mut node.value.borrow_mut());
            node.changed.notify();
        }
    }

    /// Puts another value in its place. Does nothing where the view around it is gone.
    pub(crate) fn set(self, value: T) {
        self.update(|held| *held = value);
    }
}

impl<T: Clone + 'static> RwSignal<T> {
    /// The value.
    pub(crate) fn get(self) -> T {
        self.with(T::clone)
    }

    /// The value, without hearing of changes.
    pub(crate) fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}

/// A value computed from signals: anew when it is read after they changed. Who reads it hears of
/// it only when it is another one then.
pub(crate) struct Memo<T: 'static> {
    /// Counts the values.
    count: computed::Memo<u32>,
    value: RwSignal<Option<T>>,
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

impl<T: Clone + PartialEq + 'static> Memo<T> {
    /// A memo that lives as long as the view that is being built.
    pub(crate) fn new(compute: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let value = RwSignal::new(None::<T>);
        let count = count(Box::new(move || {
            let new = Some(compute());
            let another = value.with_untracked(|held| *held != new);
            if another {
                *value.there().value.borrow_mut() = new;
            }
            another
        }));
        Self { count, value }
    }

    /// The value.
    pub(crate) fn get(self) -> T {
        self.count.track();
        self.get_untracked()
    }

    /// The value, without hearing of changes.
    pub(crate) fn get_untracked(self) -> T {
        self.count.get_untracked();
        match self.value.get_untracked() {
            Some(value) => value,
            None => unreachable!("counting the values computes the first"),
        }
    }
}

/// Counts how often `changed` found another value.
fn count(changed: Box<dyn Fn() -> bool + Send + Sync>) -> computed::Memo<u32> {
    computed::Memo::new(move |before: Option<&u32>| {
        let before = before.copied().unwrap_or_default();
        before.wrapping_add(u32::from(changed()))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    /// Within an owner of its own.
    fn owned(test: impl FnOnce()) {
        let owner = Owner::new();
        owner.with(test);
    }

    #[test]
    fn a_signal_holds_what_was_put_there_last() {
        owned(|| {
            let signal = RwSignal::new(1);
            signal.set(2);
            signal.update(|held| *held += 1);

            assert_eq!(signal.get_untracked(), 3);
            assert_eq!(signal.with_untracked(|held| held + 1), 4);
        });
    }

    #[test]
    fn a_memo_is_computed_when_it_is_read_and_only_after_a_change() {
        owned(|| {
            let signal = RwSignal::new(1);
            let computed = Arc::new(AtomicU32::new(0));
            let counting = Arc::clone(&computed);
            let even = Memo::new(move || {
                counting.fetch_add(1, Ordering::Relaxed);
                signal.get() % 2 == 0
            });
            assert_eq!(computed.load(Ordering::Relaxed), 0);

            assert!(!even.get_untracked());
            assert!(!even.get_untracked());
            assert_eq!(computed.load(Ordering::Relaxed), 1);

            signal.set(2);
            assert!(even.get_untracked());
            assert_eq!(computed.load(Ordering::Relaxed), 2);
        });
    }

    #[test]
    fn a_memo_that_stays_the_same_has_nothing_computed_anew() {
        owned(|| {
            let signal = RwSignal::new(1);
            let computed = Arc::new(AtomicU32::new(0));
            let counting = Arc::clone(&computed);
            let even = Memo::new(move || signal.get() % 2 == 0);
            let words = Memo::new(move || {
                counting.fetch_add(1, Ordering::Relaxed);
                if even.get() { "even" } else { "odd" }
            });
            assert_eq!(words.get_untracked(), "odd");

            signal.set(3);
            assert_eq!(words.get_untracked(), "odd");
            assert_eq!(computed.load(Ordering::Relaxed), 1);

            signal.set(4);
            assert_eq!(words.get_untracked(), "even");
            assert_eq!(computed.load(Ordering::Relaxed), 2);
        });
    }

    #[test]
    fn a_signal_whose_view_is_gone_can_still_be_set_to_no_effect() {
        let owner = Owner::new();
        let signal = owner.with(|| RwSignal::new(1));
        owner.cleanup();

        signal.set(2);

        assert!(signal.node().is_none());
    }
}
