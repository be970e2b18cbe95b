//! Sites.

use bellwire_proto::{
    admin::Kind,
    interaction::Medium,
    setup::{Entry, Setup, Site},
};

use super::{after, centre::queue, refuses, warns};

fn site(change: impl FnOnce(&mut Site)) -> impl FnOnce(&mut Setup) {
    |setup| change(&mut setup.sites[0])
}

#[test]
fn a_site_has_a_key_of_its_own() {
    let say = "“my shop” is no key. Use 1 to 64 letters without accents, digits, hyphens and underscores.";
    refuses(
        Kind::Site,
        "key",
        say,
        site(|site| site.key.0 = "my shop".into()),
    );
    let say = "Another site has the key shop too. Give this one another.";
    refuses(Kind::Site, "key", say, |setup| {
        setup.sites.push(setup.sites[0].clone())
    });
    let say = "Another site is called Shop too. Give each its own name.";
    refuses(Kind::Site, "name", say, |setup| {
        setup.sites.push(setup.sites[0].clone())
    });
}

#[test]
fn a_site_comes_from_origins() {
    let bad = [
        "shop.example",
        "https://shop.example/shop",
        "https://",
        "https://*.example",
        "ftp://shop.example",
        "https://a.example:99999",
        "https://a@b.example",
        "https://shop.example?x",
        "null",
        "https://[::x]",
        "",
    ];
    for origin in bad {
        let say = format!(
            "“{origin}” is no origin. Write the scheme, the host and, if need be, the port, like https://shop.example."
        );
        refuses(
            Kind::Site,
            "origins.0",
            &say,
            site(|site| site.origins[0] = origin.into()),
        );
    }
    for origin in [
        "http://localhost:8080",
        "https://shop.example/",
        "HTTPS://Shop.Example",
        "https://[::1]:8443",
        "http://192.0.2.1",
    ] {
        assert_eq!(
            after(site(|site| site.origins[0] = origin.into())),
            [],
            "{origin}"
        );
    }
    let say = "No page may use this site's tag. Add where its pages come from, like https://shop.example.";
    warns(
        Kind::Site,
        "origins",
        say,
        site(|site| site.origins.clear()),
    );
}

#[test]
fn a_site_leads_its_visitors_somewhere() {
    refuses(
        Kind::Site,
        "entries",
        "Visitors of this site get nowhere. Add an entry.",
        site(|site| site.entries.clear()),
    );
    refuses(
        Kind::Site,
        "entries.1.to",
        "This queue does not exist. Choose another.",
        site(|site| site.entries[1] = Entry::into_queue(None, queue(9))),
    );
}

#[test]
fn an_entry_is_not_behind_one_for_all() {
    let say = "No visitor gets here: entry 1 takes all of them before. Move this one up, or take it away.";
    warns(
        Kind::Site,
        "entries.1",
        say,
        site(|site| site.entries.reverse()),
    );
    let media = |first: &[Medium], then: &[Medium]| {
        let entry = |media: &[Medium]| Entry {
            media: media.to_vec(),
            ..Entry::into_queue(None, queue(1))
        };
        let entries = vec![entry(first), entry(then)];
        site(|site| site.entries = entries)
    };
    warns(
        Kind::Site,
        "entries.1",
        say,
        media(&[Medium::Call, Medium::Chat], &[]),
    );
    warns(
        Kind::Site,
        "entries.1",
        say,
        media(&[Medium::Call], &[Medium::Call]),
    );
    assert_eq!(after(media(&[Medium::Call], &[])), []);
}

#[test]
fn an_entry_fits_somebody() {
    let say = "No intent rule and no form tells the topic “gardens”, so no visitor gets here. Add one that does, or choose another topic.";
    warns(
        Kind::Site,
        "entries.0.topic",
        say,
        site(|site| site.entries[0].topic = Some("gardens".into())),
    );
    refuses(
        Kind::Site,
        "entries.0.topic",
        "It is empty. Write something, or leave it out.",
        site(|site| site.entries[0].topic = Some(String::new())),
    );
    let say = "This queue takes no calls. Lead them elsewhere, or let the queue take them.";
    warns(Kind::Site, "entries.0.to", say, |setup| {
        setup.sites[0].entries[0].media = vec![Medium::Call];
        setup.queues[1].media = vec![Medium::Chat];
    });
}

#[test]
fn a_site_looks_and_keeps_as_it_can() {
    refuses(
        Kind::Site,
        "keep_days",
        "Journeys can be kept for at most 3650 days.",
        site(|site| site.keep_days = 3651),
    );
    let say = "“red;}” is no colour. Write it as CSS does, like #0a7d4b.";
    refuses(
        Kind::Site,
        "look.color",
        say,
        site(|site| site.look.color = Some("red;}".into())),
    );
}
