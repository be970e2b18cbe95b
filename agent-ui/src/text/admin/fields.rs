//! The texts of the fields of the set-up: a name and a hint each.

use crate::admin::Say;

// Shared fields.
pub(crate) const SECONDS: Say = ("Seconds", "");
pub(crate) const SO_MANY: Say = ("So many", "");
pub(crate) const ENABLED: Say = ("In use", "");
pub(crate) const ONLY_SITES: Say = ("Only on these sites", "On all sites where none is chosen.");
pub(crate) const FACT: Say = (
    "Fact",
    "What is known by it: topic, language, product, name, email, phone, or a name of your own.",
);
pub(crate) const OTHERWISE: Say = (
    "Otherwise",
    "Taken where the visitor would rather not say. Empty: it must be said.",
);
pub(crate) const ADD_NEED: &str = "Add what must be known";
pub(crate) const SKILL: Say = ("Skill", "");
pub(crate) const LEVEL: &str = "level";
pub(crate) const LEVEL_HINT: &str = "From 1 to 10";
pub(crate) const ADD_SKILL: &str = "Add a skill…";
pub(crate) const ALL_SKILLS_THERE: &str = "No further skills. The page “Skills” adds new ones.";
pub(crate) const LANGUAGE_TAG: &str = "es";
pub(crate) const LANGUAGE_TO_ADD: &str = "Language to add, by its tag";
pub(crate) const ADD_LANGUAGE: &str = "Add language";
pub(crate) const TAG: Say = ("Language", "By its tag: es, de, fr.");
pub(crate) const CALLS: &str = "Calls";
pub(crate) const CHATS: &str = "Chats";

// Destinations.
pub(crate) const TO_QUEUE: &str = "A queue";
pub(crate) const TO_MENU: &str = "A menu";
pub(crate) const TO_PAGE: &str = "A page of the site";
pub(crate) const TO_LINK: &str = "A page elsewhere";
pub(crate) const TO_NOWHERE: &str = "Nowhere in particular: routing goes on";
pub(crate) const QUEUE: Say = ("Queue", "");
pub(crate) const MENU: Say = ("Menu", "");
pub(crate) const PAGE_URL: Say = ("Address", "Absolute, or from the site's root: /help");
pub(crate) const LINK_URL: Say = ("Address", "Opens in a tab of its own.");
pub(crate) const PAGE_LABEL: Say = ("What it is", "As visitors read it.");

// Sites.
pub(crate) const PART_SITE: &str = "The site";
pub(crate) const PART_TAG: &str = "The tag for its pages";
pub(crate) const PART_ENTRIES: &str = "Where contacts go";
pub(crate) const PART_COLLECTED: &str = "What is known of visitors";
pub(crate) const PART_LOOK: &str = "How the launcher looks";
pub(crate) const SITE_NAME: Say = ("Name", "As agents see it.");
pub(crate) const ORIGINS: Say = (
    "Allowed origins",
    "Where its pages may come from: https://shop.example. Nobody else can use the key.",
);
pub(crate) const ADD_ORIGIN: &str = "Add origin";
pub(crate) const TAG_AFTER_SAVING: &str = "The tag is shown here once the site is saved.";
pub(crate) const TAG_HINT: &str = "Paste this line into every page of the site, before </head>.";
pub(crate) const COPY_TAG: &str = "Copy the tag";
pub(crate) const NEVER_SEEN: &str =
    "The tag was not seen yet. Open a page of the site that has it, then look again.";
pub(crate) const LOOK_AGAIN: &str = "Look again";
pub(crate) const REFUSED_ORIGINS: &str = "Origins that tried and are not allowed";
pub(crate) const ALLOW: &str = "Allow";
pub(crate) const ALLOWED_NOW: &str = "allowed once you save";
pub(crate) const ENTRIES: Say = ("Entries", "The first one that fits counts.");
pub(crate) const ADD_ENTRY: &str = "Add entry";
pub(crate) const ENTRY_LANGUAGE: Say = ("Only for readers of", "A language; empty for all.");
pub(crate) const ENTRY_TOPIC: Say = ("Only for the topic", "Empty for all.");
pub(crate) const ENTRY_MEDIA: Say = ("Only for", "For all media where none is chosen.");
pub(crate) const ENTRY_TO: Say = ("Leads to", "");
pub(crate) const SITE_NEEDS: Say = (
    "What must be known first",
    "Asked before an entry is chosen, unless the journey told it.",
);
pub(crate) const COLLECTS: Say = (
    "Collected of a visitor's journey",
    "Pages and titles always are, unless the visitor opted out; then nothing is.",
);
pub(crate) const COLLECTED: &[(&str, &str)] = &[
    ("referrer", "Where a visitor came from"),
    ("dwell", "How long a page was looked at"),
    ("scroll", "How far a page was scrolled"),
    ("clicks", "Clicks on marked elements"),
    ("searches", "What was searched for"),
    ("forms", "That a form was sent, and its fields' names"),
    ("cart", "What went into the cart and out of it"),
    ("custom", "Events of the page's own script"),
    ("visits", "How often a visitor has come"),
];
pub(crate) const KEEP_DAYS: Say = ("Days that journeys are kept", "");
pub(crate) const LOOK_LABEL: Say = ("What the launcher says", "");
pub(crate) const LOOK_COLOR: Say = (
    "Colour",
    "As CSS writes it: #0b6b63. The tag's own attributes win.",
);
pub(crate) const LOOK_LEFT: Say = ("On the left side", "");

// Queues.
pub(crate) const PART_WHAT: &str = "The queue";
pub(crate) const PART_WHO: &str = "Whom it needs";
pub(crate) const PART_ASKED: &str = "What is asked";
pub(crate) const PART_INSTEAD: &str = "Where contacts go instead";
pub(crate) const QUEUE_NAME: Say = ("Name", "As agents see it.");
pub(crate) const QUEUE_LABEL: Say = ("Name for visitors", "The name above where there is none.");
pub(crate) const QUEUE_MEDIA: Say = ("Takes", "");
pub(crate) const PRIORITY: Say = ("Priority", "Each point counts as a fixed time of waiting.");
pub(crate) const MOST_WAITING: Say = (
    "The most that may wait",
    "One more goes elsewhere, or is told to come later. Empty: any number.",
);
pub(crate) const QUEUE_HOURS: Say = ("Opening hours", "");
pub(crate) const ALWAYS_OPEN: &str = "Always open";
pub(crate) const QUEUE_SKILLS: Say = ("Skills an agent must have", "With the least level.");
pub(crate) const QUEUE_PREFERS: Say = (
    "Skills an agent should have",
    "Among those who are free, who does it better comes first.",
);
pub(crate) const QUEUE_LANGUAGE: Say = ("Language an agent must speak", "Empty: any.");
pub(crate) const VISITORS_LANGUAGE: Say = (
    "The visitor's own language",
    "An agent must speak it, where anybody in the queue does.",
);
pub(crate) const LAST_AGENT: Say = (
    "Wait for the agent of last time, in seconds",
    "0 for not at all.",
);
pub(crate) const RELAX: Say = ("Asked less, the longer one waits", "In the order of time.");
pub(crate) const ADD_RELAX: &str = "Add step";
pub(crate) const AFTER_S: Say = ("After seconds of waiting", "");
pub(crate) const RELAX_CHANGE: Say = ("What is asked less", "");
pub(crate) const RELAX_SKILL: &str = "A skill at a lower level";
pub(crate) const RELAX_LANGUAGE: &str = "Any language will do";
pub(crate) const NEW_LEVEL: Say = ("New least level", "0: not needed any more.");
pub(crate) const QUEUE_NEEDS: Say = (
    "What must be known before waiting here",
    "Asked with the smallest form that supplies it.",
);
pub(crate) const WHILE_WAITING: Say = (
    "Asked while waiting",
    "May be left unanswered; agents see the answers.",
);
pub(crate) const OVERFLOW: Say = (
    "Instead",
    "The first rule that fits counts, whenever a contact comes or waits on.",
);
pub(crate) const ADD_OVERFLOW: &str = "Add rule";
pub(crate) const OVERFLOW_WHEN: Say = ("When", "");
pub(crate) const OVERFLOW_TO: Say = ("To", "");
pub(crate) const WHEN_CLOSED: &str = "It is closed";
pub(crate) const WHEN_NOBODY: &str = "No agent is ready or busy";
pub(crate) const WHEN_WAITING: &str = "So many wait already";
pub(crate) const WHEN_WAITED: &str = "It has waited so long";

pub(crate) const PART_HEARD: &str = "What callers hear while they wait";
pub(crate) const SOUND_MUSIC: Say = (
    "Music",
    "A file in the server's folder of sounds: waiting.wav. Empty: the music that is built in.",
);
pub(crate) const SOUND_ANNOUNCEMENTS: Say = (
    "Announcements",
    "Files in the same folder, played one after the other. None: the announcement that is built in.",
);
pub(crate) const ADD_ANNOUNCEMENT: &str = "Add announcement";
pub(crate) const SOUND_EVERY: Say = (
    "An announcement every so many seconds",
    "10 or more; 0: never.",
);

// Users.
pub(crate) const PART_USER: &str = "The user";
pub(crate) const PART_WORK: &str = "What they take";
pub(crate) const USER_NAME: Say = ("User name", "For signing in.");
pub(crate) const USER_SHOWN: Say = ("Name", "As others see it, visitors too.");
pub(crate) const ROLE: Say = ("Role", "");
pub(crate) const ROLE_AGENT: &str = "Agent: takes contacts";
pub(crate) const ROLE_SUPERVISOR: &str = "Supervisor: also sees what others do, and why";
pub(crate) const ROLE_ADMINISTRATOR: &str = "Administrator: also changes the set-up";
pub(crate) const FIRST_PASSWORD: Say = ("Password", "Tell it to the user; it is not shown again.");
pub(crate) const NEW_PASSWORD: Say = (
    "New password",
    "Empty: the password stays as it is. A new one signs the user out everywhere.",
);
pub(crate) const SHOW_PASSWORD: &str = "Show";
pub(crate) const MAKE_PASSWORD: &str = "Make one";
pub(crate) const CAPACITY: Say = ("Takes at once", "");
pub(crate) const CALL_CAPACITY: Say = ("Calls", "1 or 0.");
pub(crate) const CHAT_CAPACITY: Say = ("Chats", "Beside a call too. 0: none.");
pub(crate) const USER_QUEUES: Say = ("Serves", "");
pub(crate) const USER_SKILLS: Say = ("Skills", "From 1 to 10.");
pub(crate) const USER_LANGUAGES: Say = ("Speaks", "");
pub(crate) const USER_NUMBER: Say = (
    "Own telephone number",
    "Where calls ring if the user chooses so: +34910000001. The dialling limits must allow it. Empty: none.",
);

// Hours.
pub(crate) const PART_HOURS: &str = "The hours";
pub(crate) const PART_WEEK: &str = "The week";
pub(crate) const PART_HOLIDAYS: &str = "Days that differ";
pub(crate) const HOURS_NAME: Say = ("Name", "");
pub(crate) const ZONE: Say = (
    "Time zone",
    "By its name: Europe/Madrid. Summer time is kept by itself.",
);
pub(crate) const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
pub(crate) const ADD_SPAN: &str = "Add opening time";
pub(crate) const FROM: Say = ("From", "");
pub(crate) const TO: Say = ("To", "00:00 is the day's end.");
pub(crate) const LIKE_MONDAY: &str = "Tuesday to Friday like Monday";
pub(crate) const HOLIDAYS: Say = ("Holidays", "Closed all day, or open at other times.");
pub(crate) const ADD_HOLIDAY: &str = "Add day";
pub(crate) const DATE: Say = ("Day", "");
pub(crate) const HOLIDAY_NAME: Say = ("Name", "");
pub(crate) const YEARLY: Say = ("Each year", "");
pub(crate) const OPEN_ALL_THE_SAME: Say =
    ("Open all the same", "Closed all day where there is none.");

// Intent rules.
pub(crate) const PART_RULE: &str = "The rule";
pub(crate) const PART_WHEN: &str = "When it fits";
pub(crate) const PART_MEANS: &str = "What it means then";
pub(crate) const PART_TRY: &str = "Try it";
pub(crate) const RULE_NAME: Say = ("Name", "As agents see it: Laptop trouble.");
pub(crate) const ALL_OF: Say = ("All of these", "");
pub(crate) const ANY_OF: Say = ("At least one of these", "Each further one makes it surer.");
pub(crate) const NONE_OF: Say = ("None of these", "");
pub(crate) const CONFIDENCE: Say = ("How sure, in per cent", "1 to 99.");
pub(crate) const MORE: Say = (
    "Each further one adds",
    "Per cent; the sum stays below 100.",
);
pub(crate) const ADDS_PRIORITY: Say = ("Adds priority", "Points.");
pub(crate) const TOPIC: Say = ("Topic", "Entries of sites name it.");
pub(crate) const MEANS_LANGUAGE: Say =
    ("The visitor's language", "By its tag; empty: says nothing.");
pub(crate) const PRODUCT: Say = ("Product", "");
pub(crate) const RULE_SKILLS: Say = ("Skills an agent must have besides", "");
pub(crate) const RULE_PREFERS: Say = ("Skills an agent should have", "");
pub(crate) const TRY_HINT: &str =
    "Shows what this rule, as it stands here, would say of recorded journeys. Nothing is saved.";
pub(crate) const TRY: &str = "Try against recorded journeys";
pub(crate) const RULE: &str = "Rule";
pub(crate) const FITS_NOW: &str = "Fits now";
pub(crate) const WOULD_FIT: &str = "Would fit";
pub(crate) const NO_INTENT: &str = "no intent";

// Conditions.
pub(crate) const ADD_CONDITION: &str = "Add condition";
pub(crate) const WHAT: Say = ("The visitor …", "");
pub(crate) const WHAT_CATEGORY: &str = "viewed pages of a category";
pub(crate) const WHAT_URL: &str = "viewed pages at an address";
pub(crate) const WHAT_REFERRER: &str = "came from an address";
pub(crate) const WHAT_LANGUAGE: &str = "reads a page in a language";
pub(crate) const WHAT_EVENT: &str = "caused an event of the page's script";
pub(crate) const WHAT_CLICKED: &str = "clicked a marked element";
pub(crate) const WHAT_SEARCHED: &str = "searched the site";
pub(crate) const WHAT_SUBMITTED: &str = "sent a form";
pub(crate) const WHAT_CART: &str = "changed the cart";
pub(crate) const WHAT_DWELL: &str = "stayed on pages for a time";
pub(crate) const WHAT_SCROLLED: &str = "scrolled a page";
pub(crate) const WHAT_VISITS: &str = "came so often";
pub(crate) const WHAT_ANSWERED: &str = "answered a prompt";
pub(crate) const AT_LEAST: Say = ("At least so often", "");
pub(crate) const WITHIN_MIN: Say = ("In the last minutes", "Empty: ever.");
pub(crate) const CATEGORY: Say = ("Category", "As the page says it: laptops, help.");
pub(crate) const CATEGORY_OR_ALL: Say = ("Category", "Empty: all pages.");
pub(crate) const PATTERN: Say = ("Address", "* stands for anything: */help/*");
pub(crate) const EVENT_NAME: Say = ("Event", "Its name, as the page's script tells it.");
pub(crate) const MARK: Say = ("Mark", "The element's data-bw attribute.");
pub(crate) const SEARCHED_TEXT: Say = ("Text", "Held in the search. Empty: any.");
pub(crate) const FORM_NAME: Say = ("Form", "Its name. Empty: any.");
pub(crate) const CART_ACTION: Say = ("How", "");
pub(crate) const PERCENT_SCROLLED: Say = ("Per cent of the page", "1 to 100.");
pub(crate) const VALUE_OR_ANY: Say = ("Value", "Empty: any.");

// Forms.
pub(crate) const PART_FORM: &str = "The form or menu";
pub(crate) const PART_PREVIEW: &str = "As a visitor sees it";
pub(crate) const FORM_TITLE: Say = ("Name", "As administrators see it.");
pub(crate) const FORM_ASKS: Say = ("What it asks for", "As visitors read it.");
pub(crate) const FORM_KIND: Say = ("It is", "");
pub(crate) const FORM_FIELDS: &str = "A form with fields";
pub(crate) const FORM_MENU: &str = "A menu with choices";
pub(crate) const FIELDS: Say = ("Fields", "Those whose fact is known already are left out.");
pub(crate) const ADD_FIELD: &str = "Add field";
pub(crate) const FIELD_LABEL: Say = ("What it asks", "");
pub(crate) const FIELD_KIND: Say = ("What can be answered", "");
pub(crate) const FIELD_TEXT: &str = "A line of text";
pub(crate) const FIELD_LONG: &str = "Several lines of text";
pub(crate) const FIELD_CHOICE: &str = "One of several choices";
pub(crate) const FIELD_EMAIL: &str = "An e-mail address";
pub(crate) const FIELD_PHONE: &str = "A telephone number";
pub(crate) const FIELD_DATE: &str = "A day";
pub(crate) const FIELD_CONSENT: &str = "Yes, or no";
pub(crate) const LONGEST: Say = ("At most so many characters", "");
pub(crate) const REQUIRED: Say = ("Must be answered", "");
pub(crate) const SHOW_ONLY_IF: &str = "Shown only after certain answers";
pub(crate) const SHOW_FACT: Say = ("The other field's fact", "");
pub(crate) const SHOW_IS: Say = ("Its answers", "For consent given: yes.");
pub(crate) const ADD_VALUE: &str = "Add answer";
pub(crate) const MENU_FACT: Say = ("Fact", "What a choice tells.");
pub(crate) const CHOICES: Say = ("Choices", "");
pub(crate) const ADD_CHOICE: &str = "Add choice";
pub(crate) const CHOICE_VALUE: Say = ("Value", "What it stands for; not shown.");
pub(crate) const CHOICE_LABEL: Say = ("What it says", "");
pub(crate) const CHOICE_MORE: &str = "Skills it needs";
pub(crate) const CHOICE_SKILLS: Say = ("Skills an agent must have", "");
pub(crate) const CHOICE_TO: Say = ("Leads to", "");
pub(crate) const PREVIEW_LANGUAGE: &str = "Language";
pub(crate) const NO_WORDS: &str = "(no words yet)";

// Invitations.
pub(crate) const PART_CARD: &str = "The card";
pub(crate) const PART_WHOM: &str = "Whom";
pub(crate) const PART_OFTEN: &str = "When and how often";
pub(crate) const INVITATION_NAME: Say = ("Name", "As supervisors see it.");
pub(crate) const HOW: Say = ("Invites to", "");
pub(crate) const HOW_CONTACT: &str = "A call or chat";
pub(crate) const HOW_LINE: &str = "Nothing: a line to read";
pub(crate) const TO_WHAT: Say = ("To", "");
pub(crate) const CARD_TEXT: Say = ("What the card says", "");
pub(crate) const CARD_BUTTON: Say = ("What the button says", "A plain one where there is none.");
pub(crate) const INVITE_WHEN: Say = ("All of these hold", "");
pub(crate) const INVITE_TOPIC: Say = ("Only with this topic", "Empty: any.");
pub(crate) const INVITE_CONFIDENCE: Say = ("At least so sure of it", "Per cent.");
pub(crate) const AFTER_PAGE: Say = ("After seconds on the page", "");
pub(crate) const AGAIN_H: Say = ("Not again within hours", "For one visitor.");
pub(crate) const FREE_AGENTS: Say = ("Only while so many agents are free", "Who could take it.");
pub(crate) const HOLDOUT: Say = (
    "Left alone, of a hundred",
    "They get none, so that you see what the invitation brings about.",
);

// Phones.
pub(crate) const PART_PHONE: &str = "The phone";
pub(crate) const PART_REGISTERED: &str = "Where it is reached";
pub(crate) const PHONE_NAME: Say = ("Name", "As administrators see it: Anna's desk.");
pub(crate) const PHONE_USER: Say = (
    "Registers as",
    "Its user name at the server, and its extension: 201, anna.",
);
pub(crate) const PHONE_AGENT: Say = ("Whose it is", "");
pub(crate) const PHONE_SECURE: Say = (
    "Encrypted sound",
    "SRTP. Let the phone register over TLS then: the keys travel in its messages.",
);
pub(crate) const PHONE_PASSWORD: Say = (
    "Password",
    "Put it into the phone; it is not shown again. Empty: one is made and shown once.",
);
pub(crate) const NEW_PHONE_PASSWORD: Say = (
    "New password",
    "Empty: the password stays as it is. With a new one the phone has to register anew.",
);

// Trunks.
pub(crate) const PART_STANDS: &str = "How it stands";
pub(crate) const PART_TEST: &str = "Try it";
pub(crate) const PART_TRUNK: &str = "The trunk";
pub(crate) const PART_LOGIN: &str = "Who the centre is there";
pub(crate) const PART_INWARD: &str = "Calls from there";
pub(crate) const PART_OUTWARD: &str = "Calls to there, and how many";
pub(crate) const TRUNK_NAME: Say = ("Name", "");
pub(crate) const TRUNK_HOST: Say = (
    "The far end",
    "sip.carrier.example, or an address with a port: 192.0.2.7:5080.",
);
pub(crate) const TRUNK_TRANSPORT: Say = ("Messages travel by", "");
pub(crate) const TRUNK_SECURE: Say = (
    "Encrypted sound",
    "SRTP. Only with TLS: the keys travel in the messages.",
);
pub(crate) const HAS_LOGIN: &str = "It knows the centre by an account";
pub(crate) const LOGIN_USER: Say = ("Account", "The carrier's name for it, often a number.");
pub(crate) const LOGIN_AUTH_USER: Say = (
    "Name to prove it by",
    "Where the carrier gave another one. Empty: the account.",
);
pub(crate) const LOGIN_PASSWORD: Say = (
    "Password",
    "As the carrier gave it; it is not shown again. Empty: it stays as it is.",
);
pub(crate) const LOGIN_REGISTER: Say = (
    "Registers there",
    "So that calls find the centre. Not needed where the carrier knows its address.",
);
pub(crate) const TRUNK_ADDRESSES: Say = (
    "Taken without a password from",
    "The carrier's own addresses or networks: 192.0.2.7, 192.0.2.0/28.",
);
pub(crate) const ADD_ADDRESS: &str = "Add address";
pub(crate) const TRUNK_CALLER_ID: Say = (
    "Number that outgoing calls show",
    "As the carrier wants it: +34910000001. Empty: the account.",
);
pub(crate) const TRUNK_MOST_CALLS: Say = ("The most calls at once", "Both ways.");
pub(crate) const TRUNK_ORDER: Say = ("Order", "Outgoing calls try trunks of a lower order first.");
pub(crate) const TEST_NUMBER: Say = (
    "Number to dial",
    "Over this trunk as it is saved. It hangs up when it knows what came of it; the dialling limits hold.",
);

// Numbers.
pub(crate) const PART_NUMBER: &str = "The number";
pub(crate) const NUMBER_DIALLED: Say = (
    "Number",
    "As the trunk tells it, or what phones of the centre dial: +34910000001, 1000.",
);
pub(crate) const NUMBER_NAME: Say = ("Name", "As agents see it: Help line.");
pub(crate) const NUMBER_TO: Say = ("Leads to", "");
pub(crate) const NUMBER_LANGUAGE: Say = (
    "Language of those who call",
    "By its tag: es. Empty: nothing is known of it.",
);

// Dialling limits.
pub(crate) const PART_WHERE_TO: &str = "Where to";
pub(crate) const PART_HOW_MUCH: &str = "How much";
pub(crate) const DIALLING_DENIES: &str = "Nothing is dialled into the telephone network until its beginning is allowed here and every limit below leaves room. Whoever gets hold of a password cannot make calls that you did not mean to pay for.";
pub(crate) const DIAL_ALLOWED: Say = (
    "Allowed beginnings",
    "With + and the country: +34 for all of Spain, +3491 for Madrid.",
);
pub(crate) const DIAL_BARRED: Say = (
    "Barred all the same",
    "Dear ones within what is allowed: +34803.",
);
pub(crate) const ADD_BEGINNING: &str = "Add beginning";
pub(crate) const DIAL_MOST_CALLS: Say = ("Calls at once", "0: none.");
pub(crate) const DIAL_MINUTES: Say = ("Minutes in 24 hours", "All calls together. 0: none.");
pub(crate) const DIAL_NUMBER: Say = ("Calls to one number in 24 hours", "0: none.");
pub(crate) const DIAL_VISITOR: Say = ("Calls for one visitor in 24 hours", "0: none.");

// Lists of names.
pub(crate) const SKILL_NAMES: Say = ("Skills", "Queues, rules and users name them.");
pub(crate) const ADD_SKILL_NAME: &str = "Add skill";
pub(crate) const REASON_NAMES: Say = ("Reasons", "The first one counts where an agent names none.");
pub(crate) const ADD_REASON: &str = "Add reason";
pub(crate) const DISPOSITION_NAMES: Say = (
    "Dispositions",
    "The first one counts where an agent names none.",
);
pub(crate) const ADD_DISPOSITION: &str = "Add disposition";
