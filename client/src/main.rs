//! The visitor's widget, as the document that the loader frames in a site's page.

fn main() {
    bellwire_client::widget::run();
}
