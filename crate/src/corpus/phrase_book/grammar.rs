//! The sentences of the phrase book, topic by topic.

use super::Pair;
use super::lexicon::*;

/// Makes all sentences of a topic.
type Topic = fn() -> Vec<Draft>;

/// The topics, and how many sentences of each stand in the book.
pub(super) const TOPICS: &[(Topic, usize)] = &[
    (meals, 220),
    (shopping, 120),
    (tastes, 200),
    (orders, 70),
    (dishes, 60),
    (trips, 190),
    (outings, 110),
    (transport, 60),
    (whereabouts, 80),
    (town, 110),
    (jobs, 110),
    (moods, 150),
    (sensations, 110),
    (traits, 90),
    (comparisons, 70),
    (descriptions, 260),
    (belongings, 160),
    (lying, 180),
    (there_is, 60),
    (clock, 48),
    (timetable, 110),
    (routines, 100),
    (calendar, 50),
    (abroad, 130),
    (prices, 80),
    (ages, 40),
    (counts, 80),
    (commands, 130),
    (plans, 240),
    (doing, 150),
    (habits, 100),
    (done, 140),
    (people, 180),
    (introductions, 60),
    (weather, 50),
];

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Tell,
    Deny,
    Ask,
}
use Form::{Ask, Deny, Tell};

#[derive(Clone, Copy, PartialEq)]
enum Tense {
    Present,
    Past,
    /// *going to*.
    Future,
    Progressive,
}
use Tense::{Future, Past, Present, Progressive};

/// A clause or a phrase in both languages.
type Phrase = (String, String);

/// The same, as it stands in the lexicon.
type Words = (&'static str, &'static str);

/// A sentence before capitals, contractions and punctuation: only the few that are picked get those.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    phrase: Phrase,
    asks: bool,
}

impl Draft {
    pub fn finish(&self) -> Pair {
        let en = capital(&tidy(&self.phrase.0));
        let es = capital(&spanish(&self.phrase.1));
        match self.asks {
            true => (format!("{en}?"), format!("¿{es}?")),
            false => (format!("{en}."), format!("{es}.")),
        }
    }
}

/// A statement or a command.
fn statement((en, es): (impl Into<String>, impl Into<String>)) -> Draft {
    Draft {
        phrase: (en.into(), es.into()),
        asks: false,
    }
}

fn question((en, es): (impl Into<String>, impl Into<String>)) -> Draft {
    Draft {
        phrase: (en.into(), es.into()),
        asks: true,
    }
}

fn sentence(form: Form, (en, es): (impl Into<String>, impl Into<String>)) -> Draft {
    Draft {
        phrase: (en.into(), es.into()),
        asks: form == Ask,
    }
}

/// One space between words, none where a word was left out.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The contractions *del* and *al*. The pronoun *él* has an accent and stays apart.
fn spanish(text: &str) -> String {
    let text = format!(" {} ", tidy(text))
        .replace(" de el ", " del ")
        .replace(" a el ", " al ");
    text.trim().into()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// *a* or *an*, with the noun.
fn a(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']) && !noun.starts_with("uni");
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

fn be(person: Person) -> &'static str {
    match person {
        Person::I => "am",
        Person::Third => "is",
        Person::You | Person::We | Person::They => "are",
    }
}

fn was(person: Person) -> &'static str {
    match person {
        Person::I | Person::Third => "was",
        Person::You | Person::We | Person::They => "were",
    }
}

fn person_of(number: Number) -> Person {
    match number {
        Number::One => Person::Third,
        Number::Many => Person::They,
    }
}

/// English: an auxiliary between subject and rest, before the subject in questions.
fn with_auxiliary(subject: &str, auxiliary: &str, form: Form, rest: &str) -> String {
    match form {
        Tell => format!("{subject} {auxiliary} {rest}"),
        Deny => format!("{subject} {auxiliary} not {rest}"),
        Ask => format!("{auxiliary} {subject} {rest}"),
    }
}

/// Spanish: questions keep the order of statements, only *no* is put in.
fn with_no(subject: &str, form: Form, verb: &str) -> String {
    format!("{subject} {} {verb}", if form == Deny { "no" } else { "" })
}

/// Subject and verb, without object.
fn clause(subject: &Subject, verb: &Verb, tense: Tense, form: Form) -> Phrase {
    let person = subject.person;
    let third = person == Person::Third;
    let [base, s, past, ing] = verb.en;
    let en = match (tense, form) {
        (Present, Tell) => format!("{} {}", subject.en, if third { s } else { base }),
        (Present, _) => with_auxiliary(subject.en, if third { "does" } else { "do" }, form, base),
        (Past, Tell) => format!("{} {past}", subject.en),
        (Past, _) => with_auxiliary(subject.en, "did", form, base),
        (Future, _) => with_auxiliary(subject.en, be(person), form, &format!("going to {base}")),
        (Progressive, _) => with_auxiliary(subject.en, be(person), form, ing),
    };
    let index = person as usize;
    let es = match tense {
        Present => verb.present[index].into(),
        Past => verb.past[index].into(),
        Future => format!("{} a {}", GO.present[index], verb.infinitive),
        Progressive => format!("{} {}", ESTAR[index], verb.gerund),
    };
    (en, with_no(subject.es, form, &es))
}

/// *X is Y*, with the given form of *ser* or *estar*.
fn copula(
    subject: (&str, &str),
    person: Person,
    verb: &[&str; 5],
    form: Form,
    rest: (&str, &str),
) -> Phrase {
    let en = with_auxiliary(subject.0, be(person), form, rest.0);
    let es = with_no(subject.1, form, verb[person as usize]);
    (en, format!("{es} {}", rest.1))
}

/// A phrase with something after it.
fn add<E: AsRef<str>, S: AsRef<str>>((en, es): Phrase, rest: &(E, S)) -> Phrase {
    (
        format!("{en} {}", rest.0.as_ref()),
        format!("{es} {}", rest.1.as_ref()),
    )
}

/// Statements about some people, questions about others, and half as many denials.
fn who() -> impl Iterator<Item = (Form, &'static Subject)> {
    let told = TOLD.iter().map(|subject| (Tell, subject));
    let denied = TOLD.iter().step_by(2).map(|subject| (Deny, subject));
    told.chain(denied)
        .chain(ASKED.iter().map(|subject| (Ask, subject)))
}

/// The same, one person at a time.
fn who_alone() -> impl Iterator<Item = (Form, &'static Subject)> {
    who().filter(|(_, subject)| subject.person == Person::Third)
}

fn is_pronoun(subject: &Subject) -> bool {
    [I, YOU, HE, SHE, WE, THEY].contains(subject)
}

const NOTHING: (&str, &str) = ("", "");

fn meals() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        for food in FOODS.iter().filter(|food| !(food.adult && subject.child)) {
            let verb = if food.drink { DRINK } else { EAT };
            for (tense, times) in [
                (Present, &USUALLY[..3]),
                (Past, BEFORE),
                (Future, &SOON[1..]),
            ] {
                for &time in times {
                    let phrase = add(clause(subject, &verb, tense, form), &food.some);
                    pairs.push(sentence(form, add(phrase, &time)));
                }
            }
            if form != Tell && food.number == Number::One {
                pairs.push(sentence(
                    form,
                    add(clause(subject, &verb, Present, form), &food.some),
                ));
            }
        }
    }
    pairs
}

fn shopping() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        for food in FOODS.iter().filter(|food| !(food.adult && subject.child)) {
            for verb in [WANT, NEED] {
                pairs.push(sentence(
                    form,
                    add(clause(subject, &verb, Present, form), &food.some),
                ));
            }
            for time in [("yesterday", "ayer"), ("on Friday", "el viernes")] {
                let phrase = add(clause(subject, &BUY, Past, form), &food.some);
                pairs.push(sentence(form, add(phrase, &time)));
            }
            for time in [("tomorrow", "mañana"), ("today", "hoy")] {
                let phrase = add(clause(subject, &BUY, Future, form), &food.some);
                pairs.push(sentence(form, add(phrase, &time)));
            }
        }
    }
    pairs
}

/// *gustar*: what is liked is the subject, who likes it stands in the dative.
fn likes(subject: &Subject, form: Form, (en, es): (&str, &str), number: Number) -> Draft {
    const LIKE: Verb = Verb {
        en: ["like", "likes", "liked", "liking"],
        ..WANT
    };
    let to_whom = match subject.person {
        Person::I | Person::You | Person::We => String::new(),
        Person::They if subject.es.is_empty() => "a ellos".into(),
        Person::Third | Person::They => format!("a {}", subject.es),
    };
    let dative = ["me", "te", "le", "nos", "les"][subject.person as usize];
    let verb = if number == Number::One {
        "gusta"
    } else {
        "gustan"
    };
    let (english, _) = clause(subject, &LIKE, Present, form);
    sentence(
        form,
        (
            format!("{english} {en}"),
            with_no(&to_whom, form, &format!("{dative} {verb} {es}")),
        ),
    )
}

fn tastes() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        for food in FOODS.iter().filter(|food| !(food.adult && subject.child)) {
            pairs.push(likes(subject, form, food.kind, food.number));
        }
        for activity in ACTIVITIES
            .iter()
            .filter(|activity| activity.fun && (activity.child || !subject.child))
        {
            let Activity { verb, rest, .. } = activity;
            let en = format!("to {} {}", verb.en[0], rest.0);
            let es = format!("{} {}", verb.infinitive, rest.1);
            pairs.push(likes(subject, form, (&en, &es), Number::One));
        }
    }
    pairs
}

fn orders() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for [one, several, uno, varios] in PORTIONS {
        let mut quantities = vec![(one.to_string(), uno.to_string())];
        for (en, es) in &NUMBERS[..3] {
            quantities.push((format!("{en} {several}"), format!("{es} {varios}")));
        }
        for (en, es) in quantities {
            pairs.push(statement((
                format!("{en}, please"),
                format!("{es}, por favor"),
            )));
            pairs.push(statement((format!("I want {en}"), format!("quiero {es}"))));
            pairs.push(statement((
                format!("we want {en}"),
                format!("queremos {es}"),
            )));
            pairs.push(statement((
                format!("I would like {en}, please"),
                format!("quisiera {es}, por favor"),
            )));
            pairs.push(statement((
                format!("bring me {en}, please"),
                format!("tráeme {es}, por favor"),
            )));
            pairs.push(question((
                format!("can you bring me {en}, please"),
                format!("puedes traerme {es}, por favor"),
            )));
        }
        pairs.push(question((
            format!("do you want {one}"),
            format!("quieres {uno}"),
        )));
    }
    pairs
}

fn dishes() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for food in FOODS {
        let person = person_of(food.number);
        let the = (format!("the {}", food.kind.0), food.kind.1.to_string());
        let mut adjectives = vec![DELICIOUS];
        if food.hot || food.drink {
            adjectives.push(COLD);
        }
        if food.hot {
            adjectives.push(HOT);
        }
        for adjective in adjectives {
            let es = adjective.agree(food.gender, food.number);
            for form in [Tell, Deny, Ask] {
                let subject = (the.0.as_str(), the.1.as_str());
                pairs.push(sentence(
                    form,
                    copula(subject, person, &ESTAR, form, (adjective.en, es)),
                ));
            }
            let past = format!("{} {} {}", the.0, was(person), adjective.en);
            pairs.push(statement((
                past,
                format!("{} {} {es}", the.1, ESTABA[person as usize]),
            )));
        }
    }
    pairs
}

/// A place with its article; *school* and *work* go without one in English.
fn the(place: &Place) -> Phrase {
    let en = match *place == SCHOOL || *place == WORKPLACE {
        true => place.en.to_string(),
        false => format!("the {}", place.en),
    };
    (
        en,
        format!("{} {}", THE.agree(place.gender, Number::One), place.es),
    )
}

/// *to the market*.
fn to(place: &Place) -> Phrase {
    let (en, es) = the(place);
    (format!("to {en}"), format!("a {es}"))
}

/// The places a person goes to: all, and children to school, others to work.
fn places_for(subject: &Subject) -> impl Iterator<Item = &'static Place> {
    PLACES
        .iter()
        .chain([if subject.child { &SCHOOL } else { &WORKPLACE }])
}

/// Whether people go there time and again.
fn is_usual(place: &Place) -> bool {
    !matches!(place.en, "hospital" | "airport" | "station" | "hotel")
}

fn trips() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        for place in places_for(subject) {
            let to = to(place);
            let now = Verb {
                en: ["going", "going", "going", "going"],
                ..GO
            };
            let (en, _) = clause(subject, &now, Progressive, form);
            let (_, es) = clause(subject, &now, Present, form);
            pairs.push(sentence(form, add((en, es), &to)));
            let mut times = vec![
                (Past, ("yesterday", "ayer")),
                (Past, ("on Friday", "el viernes")),
                (Past, ("last week", "la semana pasada")),
            ];
            times.extend(
                SOON.iter()
                    .filter(|time| time.0 != "tonight")
                    .map(|&time| (Future, time)),
            );
            if is_usual(place) {
                times.push((Present, ("every day", "todos los días")));
                times.push((Present, ("every week", "todas las semanas")));
                times.push((Present, ("on Saturdays", "los sábados")));
            }
            for (tense, time) in times {
                pairs.push(sentence(
                    form,
                    add(add(clause(subject, &GO, tense, form), &to), &time),
                ));
            }
        }
    }
    for subject in ASKED {
        let en = with_auxiliary(subject.en, be(subject.person), Ask, "going");
        let es = format!(
            "adónde {} {}",
            GO.present[subject.person as usize], subject.es
        );
        pairs.push(question((format!("where {en}"), es)));
    }
    pairs
}

fn outings() -> Vec<Draft> {
    let mut pairs = Vec::new();
    let times = SOON.iter().chain([&NOTHING]);
    for (place, &time) in PLACES
        .iter()
        .flat_map(|place| times.clone().map(move |time| (place, time)))
    {
        let to = to(place);
        pairs.push(statement(add(
            add(("let's go".into(), "vamos".into()), &to),
            &time,
        )));
        for verb in [WANT_TO, HAVE_TO] {
            for (form, subject) in [(Tell, &I), (Tell, &WE), (Deny, &I), (Ask, &YOU)] {
                let (en, es) = clause(subject, &verb, Present, form);
                pairs.push(sentence(
                    form,
                    add(add((en + " go", es + " ir"), &to), &time),
                ));
            }
        }
        let can = add(("can we go".into(), "podemos ir".into()), &to);
        pairs.push(question(add(can, &time)));
    }
    pairs
}

fn transport() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        let daily = if subject.child { SCHOOL } else { WORKPLACE };
        for place in [&daily, &PLACES[1], &PLACES[2], &PLACES[6], &PLACES[15]] {
            for &means in TRANSPORT {
                for tense in [Present, Past, Future] {
                    let phrase = add(clause(subject, &GO, tense, form), &to(place));
                    pairs.push(sentence(form, add(phrase, &means)));
                }
            }
        }
    }
    pairs
}

fn whereabouts() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        for place in places_for(subject) {
            let (en, es) = the(place);
            let (en, es) = (format!("{} {en}", place.at), format!("en {es}"));
            let names = (subject.en, subject.es);
            pairs.push(sentence(
                form,
                copula(names, subject.person, &ESTAR, form, (&en, &es)),
            ));
            let past = with_auxiliary(subject.en, was(subject.person), form, &en);
            let pasado = with_no(subject.es, form, ESTUVE[subject.person as usize]);
            pairs.push(sentence(
                form,
                (format!("{past} yesterday"), format!("{pasado} {es} ayer")),
            ));
        }
    }
    for subject in ASKED.iter().filter(|subject| !is_pronoun(subject)) {
        let en = format!("where {} {}", be(subject.person), subject.en);
        pairs.push(question((
            en,
            format!("dónde {} {}", ESTAR[subject.person as usize], subject.es),
        )));
    }
    pairs
}

fn town() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for place in PLACES {
        let (en, es) = the(place);
        let a_place = (
            a(place.en),
            format!("{} {}", A.agree(place.gender, Number::One), place.es),
        );
        pairs.push(question((
            format!("where is {en}"),
            format!("dónde está {es}"),
        )));
        pairs.push(question((
            format!("how do I get to {en}"),
            format!("cómo llego a {es}"),
        )));
        pairs.push(question((
            format!("is there {} near here", a_place.0),
            format!("hay {} cerca de aquí", a_place.1),
        )));
        pairs.push(statement((
            format!("I am looking for {en}"),
            format!("estoy buscando {es}"),
        )));
        for form in [Tell, Deny, Ask] {
            for rest in [
                ("near here", "cerca de aquí"),
                ("far from here", "lejos de aquí"),
            ] {
                pairs.push(sentence(
                    form,
                    copula((&en, &es), Person::Third, &ESTAR, form, rest),
                ));
            }
            for state in OPENED.iter().filter(|_| place.opens) {
                let estado = state.agree(place.gender, Number::One);
                for time in [
                    ("today", "hoy"),
                    ("now", "ahora"),
                    ("on Sundays", "los domingos"),
                ] {
                    let phrase =
                        copula((&en, &es), Person::Third, &ESTAR, form, (state.en, estado));
                    pairs.push(sentence(form, add(phrase, &time)));
                }
            }
        }
        for other in PLACES
            .iter()
            .filter(|other| *other != place && other.en != "beach")
        {
            let (other_en, other_es) = the(other);
            // Airports and beaches lie behind no bakery.
            let large = [place.en, other.en]
                .iter()
                .any(|name| matches!(*name, "airport" | "beach"));
            for (relation, relación) in &RELATIONS[..if large { 2 } else { 5 }] {
                let rest = (
                    format!("{relation} {other_en}"),
                    format!("{relación} {other_es}"),
                );
                let phrase = copula((&en, &es), Person::Third, &ESTAR, Tell, (&rest.0, &rest.1));
                pairs.push(statement(phrase));
            }
        }
    }
    pairs
}

fn jobs() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who().filter(|(_, subject)| subject.number() == Number::One) {
        for job in JOBS {
            let forms =
                [Gender::Masculine, Gender::Feminine].map(|gender| job.agree(gender, Number::One));
            // *I* and *you* may be either: only words with one form for both.
            let es = match subject.gender {
                Some(gender) => forms[gender as usize],
                None if forms[0] == forms[1] => forms[0],
                None => continue,
            };
            let en = a(job.en);
            if !subject.child {
                let names = (subject.en, subject.es);
                pairs.push(sentence(
                    form,
                    copula(names, subject.person, &SER, form, (&en, es)),
                ));
            }
            let (wish, deseo) = clause(subject, &WANT_TO, Present, form);
            pairs.push(sentence(
                form,
                (format!("{wish} be {en}"), format!("{deseo} ser {es}")),
            ));
        }
    }
    pairs
}

fn moods() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        let (Some(gender), names) = (subject.gender, (subject.en, subject.es)) else {
            continue;
        };
        for mood in MOODS {
            let es = mood.agree(gender, subject.number());
            let state = copula(names, subject.person, &ESTAR, form, (mood.en, es));
            pairs.push(sentence(form, add(state.clone(), &("today", "hoy"))));
            pairs.push(sentence(form, state));
            let very = (format!("very {}", mood.en), format!("muy {es}"));
            pairs.push(sentence(
                form,
                copula(names, subject.person, &ESTAR, form, (&very.0, &very.1)),
            ));
            let past = with_auxiliary(subject.en, was(subject.person), form, mood.en);
            let pasado = with_no(subject.es, form, ESTABA[subject.person as usize]);
            pairs.push(sentence(
                form,
                (format!("{past} yesterday"), format!("{pasado} {es} ayer")),
            ));
            if form == Ask && !is_pronoun(subject) {
                let en = with_auxiliary(subject.en, be(subject.person), Ask, mood.en);
                let es = format!("{} {es} {}", ESTAR[subject.person as usize], subject.es);
                pairs.push(question((format!("why {en}"), format!("por qué {es}"))));
            }
        }
    }
    pairs
}

fn sensations() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who().chain([(Tell, &YOU)]) {
        for (en, es, very) in SENSATIONS {
            let has = clause(subject, &HAVE, Present, form).1;
            let is = |rest: &str| with_auxiliary(subject.en, be(subject.person), form, rest);
            pairs.push(sentence(form, (is(en), format!("{has} {es}"))));
            if !very.is_empty() {
                pairs.push(sentence(
                    form,
                    (is(&format!("very {en}")), format!("{has} {very} {es}")),
                ));
            }
        }
    }
    pairs
}

fn traits() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        let (Some(gender), names) = (subject.gender, (subject.en, subject.es)) else {
            continue;
        };
        // Short, rich and young children are no news.
        for (quality, _) in TRAITS
            .iter()
            .filter(|(quality, _)| !(subject.child && matches!(quality.en, "rich" | "young")))
        {
            let es = quality.agree(gender, subject.number());
            pairs.push(sentence(
                form,
                copula(names, subject.person, &SER, form, (quality.en, es)),
            ));
            let very = (format!("very {}", quality.en), format!("muy {es}"));
            pairs.push(sentence(
                form,
                copula(names, subject.person, &SER, form, (&very.0, &very.1)),
            ));
        }
    }
    pairs
}

fn comparisons() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who_alone() {
        let Some(gender) = subject.gender else {
            continue;
        };
        for (quality, more) in TRAITS {
            for other in TOLD.iter().filter(|other| {
                *other != subject && other.person == Person::Third && !is_pronoun(other)
            }) {
                if subject.child != other.child
                    || (is_parent(subject.en) != is_parent(other.en) && quality.en == "young")
                {
                    continue;
                }
                let en = format!("{more} than {}", other.en);
                let es = format!(
                    "más {} que {}",
                    quality.agree(gender, Number::One),
                    other.es
                );
                pairs.push(sentence(
                    form,
                    copula(
                        (subject.en, subject.es),
                        Person::Third,
                        &SER,
                        form,
                        (&en, &es),
                    ),
                ));
            }
        }
    }
    pairs
}

fn is_parent(name: &str) -> bool {
    name.ends_with("mother") || name.ends_with("father")
}

/// *this chair*, *these chairs*.
fn determined(determiner: Adjective, thing: &Thing, number: Number) -> Phrase {
    let en = match (determiner.en, number) {
        ("this", Number::Many) => "these",
        ("that", Number::Many) => "those",
        (other, _) => other,
    };
    let (name, nombre) = thing.name(number);
    (
        format!("{en} {name}"),
        format!("{} {nombre}", determiner.agree(thing.gender, number)),
    )
}

/// Whether several people have one of these together.
fn is_shared(thing: &Thing) -> bool {
    matches!(
        thing.en[0],
        "car" | "house" | "table" | "door" | "computer" | "dog" | "cat" | "room" | "suitcase"
    )
}

/// Whether one person has several of these.
fn is_owned_in_numbers(thing: &Thing) -> bool {
    matches!(
        thing.en[0],
        "" | "book" | "shirt" | "dress" | "dog" | "cat" | "flower" | "pencil" | "hat" | "suitcase"
    )
}

/// The determiners that go with a thing, in one number.
fn determiners(thing: &Thing, number: Number) -> Vec<Adjective> {
    let mut determiners = vec![THE, THIS, THAT];
    if number == Number::One || is_owned_in_numbers(thing) {
        determiners.extend([MY, YOUR]);
    }
    if number == Number::One && is_shared(thing) {
        determiners.push(OUR);
    }
    determiners
}

fn descriptions() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for thing in THINGS {
        for &number in thing.numbers() {
            if number == Number::Many && !is_owned_in_numbers(thing) {
                continue;
            }
            for determiner in determiners(thing, number) {
                let (en, es) = determined(determiner, thing, number);
                let person = person_of(number);
                let kinds = thing.kinds.iter().map(|group| (&SER, group));
                let states = thing.states.iter().map(|group| (&ESTAR, group));
                for (verb, group) in kinds.chain(states) {
                    for adjective in *group {
                        let described = adjective.agree(thing.gender, number);
                        // One asks about what the other person knows.
                        let forms = if determiner == MY {
                            &[Tell, Deny][..]
                        } else {
                            &[Tell, Deny, Ask]
                        };
                        for &form in forms {
                            let rest = (adjective.en, described);
                            pairs
                                .push(sentence(form, copula((&en, &es), person, verb, form, rest)));
                        }
                        if ![COLORS, BROKEN, OPENED].contains(group) {
                            let very =
                                (format!("very {}", adjective.en), format!("muy {described}"));
                            let rest = (very.0.as_str(), very.1.as_str());
                            pairs.push(statement(copula((&en, &es), person, verb, Tell, rest)));
                        }
                    }
                }
                if thing.kinds.contains(&COLORS) {
                    let color = (
                        format!("what color {} {en}", be(person)),
                        SER[person as usize],
                    );
                    pairs.push(question((
                        color.0,
                        format!("de qué color {} {es}", color.1),
                    )));
                }
            }
        }
    }
    pairs
}

fn belongings() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for thing in THINGS
        .iter()
        .filter(|thing| !matches!(thing.en[0], "door" | "window" | "flower"))
    {
        let number = thing.numbers()[0];
        let (name, nombre) = thing.name(number);
        for (form, subject) in who().filter(|(_, subject)| *subject != &CHILDREN) {
            if subject.number() == Number::Many && !is_shared(thing) {
                continue;
            }
            for adjective in thing.kinds.iter().copied().flatten() {
                let with = format!("{} {name}", adjective.en);
                let con = format!("{nombre} {}", adjective.agree(thing.gender, number));
                let object = match number {
                    Number::One => (a(&with), format!("{} {con}", A.agree(thing.gender, number))),
                    Number::Many => (with, con),
                };
                let mut verbs = vec![];
                if adjective.en != "cheap" {
                    verbs.push((HAVE, Present));
                }
                if !matches!(adjective.en, "old" | "expensive") {
                    verbs.extend([(WANT, Present), (NEED, Present), (LOOK_FOR, Progressive)]);
                    if name != "room" {
                        verbs.extend([(BUY, Past), (BUY, Future)]);
                    }
                }
                for (verb, tense) in verbs {
                    pairs.push(sentence(
                        form,
                        add(clause(subject, &verb, tense, form), &object),
                    ));
                }
            }
        }
    }
    pairs
}

fn lying() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for &(name, nombre, gender, number, animal) in FINDABLE {
        for determiner in [THE, MY, YOUR] {
            let en = format!("{} {name}", determiner.en);
            let es = format!("{} {nombre}", determiner.agree(gender, number));
            let person = person_of(number);
            let where_is = format!("where {} {en}", be(person));
            pairs.push(question((
                where_is,
                format!("dónde {} {es}", ESTAR[person as usize]),
            )));
            for &(spot, lugar, _) in SPOTS.iter().filter(|spot| spot.2 || !animal) {
                for form in [Tell, Deny, Ask] {
                    let phrase = copula((&en, &es), person, &ESTAR, form, (spot, lugar));
                    pairs.push(sentence(form, phrase));
                }
            }
        }
    }
    pairs
}

fn there_is() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for &(name, nombre, gender, number, animal) in FINDABLE {
        for &(spot, lugar, _) in SPOTS.iter().filter(|spot| spot.2 || !animal) {
            if number == Number::One {
                let un = A.agree(gender, number);
                let name = a(name);
                pairs.push(statement((
                    format!("there is {name} {spot}"),
                    format!("hay {un} {nombre} {lugar}"),
                )));
                pairs.push(question((
                    format!("is there {name} {spot}"),
                    format!("hay {un} {nombre} {lugar}"),
                )));
            } else if name != "glasses" {
                for (count, cuántos) in &NUMBERS[..4] {
                    let en = format!("there are {count} {name} {spot}");
                    pairs.push(statement((en, format!("hay {cuántos} {nombre} {lugar}"))));
                }
            }
        }
    }
    pairs
}

/// *Es la una*, *son las dos*.
fn is_hour(hora: &str) -> &'static str {
    SER[if hora == "la una" {
        Person::Third
    } else {
        Person::They
    } as usize]
}

fn clock() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (hour, hora) in HOURS {
        let es = is_hour(hora);
        pairs.push(statement((
            format!("it is {hour} o'clock"),
            format!("{es} {hora}"),
        )));
        for (past, y) in [
            ("half past", "y media"),
            ("a quarter past", "y cuarto"),
            ("a quarter to", "menos cuarto"),
        ] {
            pairs.push(statement((
                format!("it is {past} {hour}"),
                format!("{es} {hora} {y}"),
            )));
        }
    }
    pairs
}

/// *at five*, *at half past five*.
fn times((hour, hora): (&str, &str)) -> [Phrase; 2] {
    [
        (format!("at {hour}"), format!("a {hora}")),
        (format!("at half past {hour}"), format!("a {hora} y media")),
    ]
}

fn timetable() -> Vec<Draft> {
    /// Base form, third person and past, then the Spanish present and past.
    type Event = [&'static str; 5];
    const LEAVE: Event = ["leave", "leaves", "left", "sale", "salió"];
    const ARRIVE: Event = ["arrive", "arrives", "arrived", "llega", "llegó"];
    const START: Event = ["start", "starts", "started", "empieza", "empezó"];
    const END: Event = ["end", "ends", "ended", "termina", "terminó"];
    const OPEN: Event = ["open", "opens", "opened", "abre", "abrió"];
    const CLOSE: Event = ["close", "closes", "closed", "cierra", "cerró"];
    let vehicles = [
        ("the train", "el tren"),
        ("the bus", "el autobús"),
        ("the plane", "el avión"),
    ];
    let shows = [
        ("the movie", "la película"),
        ("the class", "la clase"),
        ("the concert", "el concierto"),
        ("the meeting", "la reunión"),
    ];
    let mut events: Vec<(Phrase, Event, &[Words])> = Vec::new();
    for (en, es) in vehicles {
        events.extend([LEAVE, ARRIVE].map(|event| ((en.into(), es.into()), event, HOURS)));
    }
    for (en, es) in shows {
        events.extend([START, END].map(|event| ((en.into(), es.into()), event, &HOURS[2..])));
    }
    for place in PLACES.iter().filter(|place| place.opens) {
        events.push((the(place), OPEN, &HOURS[7..10]));
        events.push((the(place), CLOSE, &HOURS[5..9]));
    }
    let mut pairs = Vec::new();
    for ((en, es), [base, s, past, present, pasado], hours) in events {
        pairs.push(question((
            format!("what time does {en} {base}"),
            format!("a qué hora {present} {es}"),
        )));
        for (at, a_las) in hours.iter().flat_map(|&hour| times(hour)) {
            pairs.push(statement((
                format!("{en} {s} {at}"),
                format!("{es} {present} {a_las}"),
            )));
            pairs.push(question((
                format!("does {en} {base} {at}"),
                format!("{es} {present} {a_las}"),
            )));
            if ![OPEN, CLOSE].map(|event| event[0]).contains(&base) {
                pairs.push(statement((
                    format!("{en} {past} {at}"),
                    format!("{es} {pasado} {a_las}"),
                )));
            }
        }
    }
    pairs
}

fn routines() -> Vec<Draft> {
    let routines: [(Verb, &[Words]); 4] = [
        (GET_UP, &HOURS[5..9]),
        (HAVE_BREAKFAST, &HOURS[6..10]),
        (HAVE_DINNER, &HOURS[7..10]),
        (GO_TO_BED, &HOURS[8..12]),
    ];
    let mut pairs = Vec::new();
    for (verb, hours) in routines {
        for (form, subject) in who() {
            for at in hours.iter().flat_map(|&hour| times(hour)) {
                pairs.push(sentence(
                    form,
                    add(clause(subject, &verb, Present, form), &at),
                ));
            }
            if form == Ask {
                let (en, _) = clause(subject, &verb, Present, form);
                let es = format!(
                    "a qué hora {} {}",
                    verb.present[subject.person as usize], subject.es
                );
                pairs.push(question((format!("what time {en}"), es)));
            }
        }
    }
    pairs
}

fn calendar() -> Vec<Draft> {
    let mut pairs = Vec::new();
    let events = [
        ("the party", "la fiesta"),
        ("the concert", "el concierto"),
        ("the meeting", "la reunión"),
    ];
    for (day, día) in DAYS {
        pairs.push(statement((
            format!("today is {day}"),
            format!("hoy es {día}"),
        )));
        pairs.push(statement((
            format!("tomorrow is {day}"),
            format!("mañana es {día}"),
        )));
        pairs.push(statement((
            format!("see you on {day}"),
            format!("nos vemos el {día}"),
        )));
        pairs.push(question((
            format!("is today {day}"),
            format!("hoy es {día}"),
        )));
        for (event, fiesta) in events {
            for form in [Tell, Deny, Ask] {
                let rest = (format!("on {day}"), format!("el {día}"));
                let phrase = copula(
                    (event, fiesta),
                    Person::Third,
                    &SER,
                    form,
                    (&rest.0, &rest.1),
                );
                pairs.push(sentence(form, phrase));
            }
        }
    }
    for (month, mes) in MONTHS {
        let whose = [
            ("my birthday", "mi cumpleaños"),
            ("your birthday", "tu cumpleaños"),
        ];
        for ((en, es), form) in whose.into_iter().zip([Tell, Ask]) {
            let rest = (format!("in {month}"), format!("en {mes}"));
            let phrase = copula((en, es), Person::Third, &SER, form, (&rest.0, &rest.1));
            pairs.push(sentence(form, phrase));
        }
    }
    pairs
}

fn abroad() -> Vec<Draft> {
    let mut pairs = Vec::new();
    let towns = || COUNTRIES.iter().chain(CITIES);
    for (form, subject) in who() {
        for (town, lugar) in towns() {
            let names = (subject.en, subject.es);
            let from = (format!("from {town}"), format!("de {lugar}"));
            pairs.push(sentence(
                form,
                copula(names, subject.person, &SER, form, (&from.0, &from.1)),
            ));
            let inside = (format!("in {town}"), format!("en {lugar}"));
            pairs.push(sentence(
                form,
                add(clause(subject, &LIVE, Present, form), &inside),
            ));
            if !subject.child {
                pairs.push(sentence(
                    form,
                    add(clause(subject, &WORK, Present, form), &inside),
                ));
            }
            let there = (format!("to {town}"), format!("a {lugar}"));
            for (month, mes) in MONTHS {
                let when = (format!("in {month}"), format!("en {mes}"));
                let phrase = add(clause(subject, &TRAVEL, Future, form), &there);
                pairs.push(sentence(form, add(phrase, &when)));
            }
        }
        for (language, idioma) in LANGUAGES {
            let name = (language, idioma);
            for verb in [SPEAK, STUDY] {
                pairs.push(sentence(
                    form,
                    add(clause(subject, &verb, Present, form), &name),
                ));
            }
            pairs.push(sentence(
                form,
                add(clause(subject, &STUDY, Progressive, form), &name),
            ));
            let well = (
                format!("{language} very well"),
                format!("{idioma} muy bien"),
            );
            pairs.push(sentence(
                form,
                add(clause(subject, &SPEAK, Present, form), &well),
            ));
            if form != Deny {
                let little = (
                    format!("a little {language}"),
                    format!("un poco de {idioma}"),
                );
                pairs.push(sentence(
                    form,
                    add(clause(subject, &SPEAK, Present, form), &little),
                ));
            }
        }
    }
    pairs
}

fn prices() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for thing in THINGS
        .iter()
        .filter(|thing| thing.kinds.contains(&COSTS) && !matches!(thing.en[0], "house" | "car"))
    {
        for &number in thing.numbers() {
            let person = person_of(number);
            let (cost, cuesta) = if number == Number::One {
                ("costs", "cuesta")
            } else {
                ("cost", "cuestan")
            };
            let does = if number == Number::One { "does" } else { "do" };
            for determiner in [THE, THIS, THAT] {
                let (en, es) = determined(determiner, thing, number);
                pairs.push(question((
                    format!("how much {does} {en} cost"),
                    format!("cuánto {cuesta} {es}"),
                )));
                for (price, precio) in &TENS[1..] {
                    let euros = (
                        format!("{cost} {price} euros"),
                        format!("{cuesta} {precio} euros"),
                    );
                    pairs.push(statement((
                        format!("{en} {}", euros.0),
                        format!("{es} {}", euros.1),
                    )));
                    if person == Person::Third && determiner == THE {
                        let object = determined(A, thing, number).1;
                        let en = format!("I bought {} for {price} euros", a(thing.en[0]));
                        pairs.push(statement((
                            en,
                            format!("compré {object} por {precio} euros"),
                        )));
                    }
                }
            }
        }
    }
    for (price, precio) in NUMBERS.iter().chain(&TENS[1..]) {
        pairs.push(statement((
            format!("it costs {price} euros"),
            format!("cuesta {precio} euros"),
        )));
    }
    pairs
}

fn ages() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for subject in TOLD
        .iter()
        .filter(|subject| subject.number() == Number::One)
    {
        let years = match subject.child {
            true => &NUMBERS[1..],
            false if is_parent(subject.en) => &TENS[3..7],
            false => &TENS[1..5],
        };
        for (age, edad) in years {
            let en = format!("{} {} {age} years old", subject.en, be(subject.person));
            let es = format!(
                "{} {} {edad} años",
                subject.es, HAVE.present[subject.person as usize]
            );
            pairs.push(statement((en, es)));
        }
    }
    for subject in ASKED
        .iter()
        .filter(|subject| subject.number() == Number::One)
    {
        let en = with_auxiliary(subject.en, be(subject.person), Ask, "");
        let es = format!(
            "cuántos años {} {}",
            HAVE.present[subject.person as usize], subject.es
        );
        pairs.push(question((format!("how old {en}"), es)));
    }
    pairs
}

fn counts() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for thing in THINGS
        .iter()
        .filter(|thing| is_owned_in_numbers(thing) && !thing.en[0].is_empty())
    {
        let (name, nombre) = thing.name(Number::Many);
        for (form, subject) in who() {
            for (number, número) in &NUMBERS[..4] {
                let object = (format!("{number} {name}"), format!("{número} {nombre}"));
                pairs.push(sentence(
                    form,
                    add(clause(subject, &HAVE, Present, form), &object),
                ));
            }
        }
        let how_many = format!("{} {nombre}", HOW_MANY.agree(thing.gender, Number::Many));
        for subject in [&YOU, &THEY, &SHE] {
            let (en, _) = clause(subject, &HAVE, Present, Ask);
            let es = format!(
                "{how_many} {} {}",
                HAVE.present[subject.person as usize], subject.es
            );
            pairs.push(question((format!("how many {name} {en}"), es)));
        }
    }
    for (name, nombre, gender) in [
        ("chairs", "sillas", Gender::Feminine),
        ("cups", "tazas", Gender::Feminine),
        ("tickets", "billetes", Gender::Masculine),
    ] {
        let how_many = HOW_MANY.agree(gender, Number::Many);
        pairs.push(question((
            format!("how many {name} do we need"),
            format!("{how_many} {nombre} necesitamos"),
        )));
        pairs.push(question((
            format!("how many {name} are there"),
            format!("{how_many} {nombre} hay"),
        )));
        for (number, número) in NUMBERS {
            pairs.push(statement((
                format!("we need {number} {name}"),
                format!("necesitamos {número} {nombre}"),
            )));
        }
    }
    pairs
}

fn commands() -> Vec<Draft> {
    const OPENABLE: [Words; 5] = [
        ("the door", "la puerta"),
        ("the window", "la ventana"),
        ("the box", "la caja"),
        ("the suitcase", "la maleta"),
        ("the book", "el libro"),
    ];
    const THINGS_TO_BRING: &[Words] = &[
        ("the keys", "las llaves"),
        ("the tickets", "los billetes"),
        ("your phone", "tu teléfono"),
        ("my phone", "mi teléfono"),
        ("my coat", "mi abrigo"),
        ("my glasses", "mis gafas"),
        ("the umbrella", "el paraguas"),
        ("the letter", "la carta"),
        ("that book", "ese libro"),
        ("the red cup", "la taza roja"),
    ];
    // English; Spanish infinitive, command, and the subjunctive that forbids.
    let verbs: [(&str, [&str; 3], &[Words]); 8] = [
        ("open", ["abrir", "abre", "abras"], &OPENABLE),
        ("close", ["cerrar", "cierra", "cierres"], &OPENABLE),
        (
            "read",
            ["leer", "lee", "leas"],
            &[("the letter", "la carta"), ("this book", "este libro")],
        ),
        (
            "wash",
            ["lavar", "lava", "laves"],
            &[
                ("the car", "el coche"),
                ("the cups", "las tazas"),
                ("the dishes", "los platos"),
                ("my shirt", "mi camisa"),
            ],
        ),
        (
            "clean",
            ["limpiar", "limpia", "limpies"],
            &[
                ("the kitchen", "la cocina"),
                ("the table", "la mesa"),
                ("the windows", "las ventanas"),
                ("your room", "tu habitación"),
            ],
        ),
        (
            "buy",
            ["comprar", "compra", "compres"],
            &[
                ("bread", "pan"),
                ("milk", "leche"),
                ("eggs", "huevos"),
                ("fruit", "fruta"),
                ("cheese", "queso"),
                ("the tickets", "los billetes"),
            ],
        ),
        (
            "look for",
            ["buscar", "busca", "busques"],
            &THINGS_TO_BRING[..6],
        ),
        ("bring", ["traer", "trae", "traigas"], &THINGS_TO_BRING[..4]),
    ];
    let people = [
        ("call", ["llamar", "llama", "llames"]),
        ("help", ["ayudar", "ayuda", "ayudes"]),
        ("wait for", ["esperar", "espera", "esperes"]),
    ];
    let mut orders: Vec<(&str, [&str; 3], Phrase)> = Vec::new();
    for (en, es, objects) in verbs {
        orders.extend(
            objects
                .iter()
                .map(|&(object, objeto)| (en, es, (object.into(), objeto.into()))),
        );
    }
    for (en, es) in people {
        orders.extend(
            PEOPLE
                .iter()
                .map(|&(person, persona)| (en, es, (person.into(), format!("a {persona}")))),
        );
    }
    let mut pairs = Vec::new();
    for (verb, [infinitivo, manda, prohíbe], (object, objeto)) in orders {
        pairs.push(statement((
            format!("{verb} {object}"),
            format!("{manda} {objeto}"),
        )));
        pairs.push(statement((
            format!("{verb} {object}, please"),
            format!("{manda} {objeto}, por favor"),
        )));
        pairs.push(statement((
            format!("do not {verb} {object}"),
            format!("no {prohíbe} {objeto}"),
        )));
        let can = format!("can you {verb} {object}, please");
        pairs.push(question((
            can,
            format!("puedes {infinitivo} {objeto}, por favor"),
        )));
    }
    for (object, objeto) in THINGS_TO_BRING {
        pairs.push(statement((
            format!("do not forget {object}"),
            format!("no olvides {objeto}"),
        )));
        for (verb, manda, infinitivo) in [
            ("give", "dame", "darme"),
            ("show", "enséñame", "enseñarme"),
            ("bring", "tráeme", "traerme"),
        ] {
            pairs.push(statement((
                format!("{verb} me {object}, please"),
                format!("{manda} {objeto}, por favor"),
            )));
            let can = format!("can you {verb} me {object}, please");
            pairs.push(question((
                can,
                format!("puedes {infinitivo} {objeto}, por favor"),
            )));
        }
    }
    pairs
}

/// Activities for a person, as infinitives.
fn activities_for(subject: &Subject) -> impl Iterator<Item = &'static Activity> {
    let child = subject.child;
    ACTIVITIES
        .iter()
        .filter(move |activity| activity.child || !child)
}

fn plans() -> Vec<Draft> {
    let mut pairs = Vec::new();
    let times = || SOON.iter().chain([&NOTHING, &NOTHING]);
    for (form, subject) in who().chain([(Tell, &YOU)]) {
        for activity in activities_for(subject) {
            let Activity { verb, rest, .. } = activity;
            let doing = (
                format!("{} {}", verb.en[0], rest.0),
                format!("{} {}", verb.infinitive, rest.1),
            );
            for time in times() {
                for modal in [WANT_TO, HAVE_TO, NEED_TO] {
                    // One does not tell others what they want, and playing is no duty.
                    let odd = match modal == WANT_TO {
                        true => *subject == YOU && form == Tell,
                        false => {
                            let useful = matches!(verb.en[0], "study" | "cook" | "sleep");
                            activity.fun && !useful || matches!(rest.0, "a book" | "a movie")
                        }
                    };
                    if odd {
                        continue;
                    }
                    let phrase = add(clause(subject, &modal, Present, form), &doing);
                    pairs.push(sentence(form, add(phrase, time)));
                }
                if *time != NOTHING {
                    let future = add(clause(subject, verb, Future, form), rest);
                    pairs.push(sentence(form, add(future, time)));
                }
                // Skills are known in Spanish (saber), not possible (poder).
                if *time != NOTHING
                    && matches!(verb.en[0], "work" | "rest" | "wash" | "clean" | "watch")
                {
                    let en = match form {
                        Tell => format!("{} can {}", subject.en, doing.0),
                        Deny => format!("{} cannot {}", subject.en, doing.0),
                        Ask => format!("can {} {}", subject.en, doing.0),
                    };
                    let es = with_no(subject.es, form, PODER[subject.person as usize]);
                    pairs.push(sentence(form, add((en, format!("{es} {}", doing.1)), time)));
                }
            }
        }
    }
    pairs
}

fn doing() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        for activity in activities_for(subject) {
            let phrase = add(
                clause(subject, &activity.verb, Progressive, form),
                &activity.rest,
            );
            pairs.push(sentence(form, add(phrase.clone(), &("now", "ahora"))));
            pairs.push(sentence(form, phrase));
        }
        if form == Ask && subject != &YOU {
            let en = with_auxiliary(subject.en, be(subject.person), Ask, "doing");
            let es = format!(
                "qué {} haciendo {}",
                ESTAR[subject.person as usize], subject.es
            );
            pairs.push(question((format!("what {en}"), es)));
        }
    }
    pairs
}

/// What people do, in one tense, with a time.
fn activities_in(tense: Tense, verbs: &[Verb], times: &[(&str, &str)]) -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        let activities = activities_for(subject).filter(|activity| {
            // One movie is no habit.
            let once = activity.rest.0.starts_with("a ");
            verbs.contains(&activity.verb) && !(once && tense == Present)
        });
        for activity in activities {
            for time in times {
                let phrase = add(clause(subject, &activity.verb, tense, form), &activity.rest);
                pairs.push(sentence(form, add(phrase, time)));
            }
        }
    }
    pairs
}

fn habits() -> Vec<Draft> {
    activities_in(Present, &[WORK, STUDY, PLAY, WATCH, COOK], USUALLY)
}

fn done() -> Vec<Draft> {
    activities_in(Past, &[WORK, STUDY, PLAY, WATCH, COOK, CLEAN], BEFORE)
}

/// Whether somebody may have to do with somebody else: not with themselves, and within the family
/// one says it otherwise.
fn is_acquainted(subject: &Subject, object: &str) -> bool {
    let mine = subject == &I || subject == &WE || subject.en.starts_with("my ");
    let yours = subject == &YOU || subject.en.starts_with("your ");
    subject.en != object
        && !(mine && object.starts_with("my "))
        && !(yours && object.starts_with("your "))
}

fn people() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for (form, subject) in who() {
        for (person, persona) in PEOPLE {
            let object = (*person, format!("a {persona}"));
            // I do visit and call my own family.
            if is_acquainted(subject, person) {
                pairs.push(sentence(
                    form,
                    add(clause(subject, &KNOW, Present, form), &object),
                ));
                for verb in [LOOK_FOR, WAIT_FOR] {
                    pairs.push(sentence(
                        form,
                        add(clause(subject, &verb, Progressive, form), &object),
                    ));
                }
            } else if !(is_pronoun(subject) && subject != &YOU) {
                continue;
            }
            for verb in [VISIT, CALL, SEE] {
                let past = add(clause(subject, &verb, Past, form), &object);
                pairs.push(sentence(form, add(past, &("yesterday", "ayer"))));
            }
            for verb in [VISIT, CALL, HELP] {
                for time in SOON.iter().filter(|time| time.0 != "today") {
                    let future = add(clause(subject, &verb, Future, form), &object);
                    pairs.push(sentence(form, add(future, time)));
                }
            }
        }
    }
    pairs
}

fn introductions() -> Vec<Draft> {
    let mut pairs = Vec::new();
    for subject in TOLD
        .iter()
        .chain(ASKED)
        .filter(|subject| subject.en.contains(' ') && subject != &&CHILDREN)
    {
        let (number, gender) = (
            subject.number(),
            subject.gender.unwrap_or(Gender::Masculine),
        );
        let person = person_of(number);
        let this = if number == Number::One {
            "this"
        } else {
            "these"
        };
        let form = if subject.en.starts_with("your ") {
            Ask
        } else {
            Tell
        };
        let names = (subject.en, subject.es);
        pairs.push(sentence(
            form,
            copula(
                (this, THIS.agree(gender, number)),
                person,
                &SER,
                form,
                names,
            ),
        ));
    }
    for thing in THINGS
        .iter()
        .filter(|thing| !matches!(thing.en[0], "door" | "window" | "flower"))
    {
        for &number in thing
            .numbers()
            .iter()
            .filter(|number| **number == Number::One || is_owned_in_numbers(thing))
        {
            let person = person_of(number);
            for determiner in determiners(thing, number)
                .into_iter()
                .filter(|word| [MY, YOUR, OUR].contains(word))
            {
                let (en, es) = determined(determiner, thing, number);
                for pointer in [THIS, THAT] {
                    let this = match (pointer.en, number) {
                        ("this", Number::Many) => "these",
                        ("that", Number::Many) => "those",
                        (other, _) => other,
                    };
                    let form = if determiner == YOUR { Ask } else { Tell };
                    for form in [form, Deny] {
                        let pronoun = pointer.agree(thing.gender, number);
                        pairs.push(sentence(
                            form,
                            copula((this, pronoun), person, &SER, form, (&en, &es)),
                        ));
                    }
                }
            }
        }
    }
    pairs
}

fn weather() -> Vec<Draft> {
    let places = [
        ("today", "hoy"),
        ("here", "aquí"),
        ("in Madrid", "en Madrid"),
        ("in Barcelona", "en Barcelona"),
        ("in England", "en Inglaterra"),
        ("in Mexico", "en México"),
    ];
    let mut pairs = Vec::new();
    for (en, es) in [
        ("cold", "frío"),
        ("hot", "calor"),
        ("sunny", "sol"),
        ("windy", "viento"),
    ] {
        for (place, lugar) in places {
            pairs.push(statement((
                format!("it is {en} {place}"),
                format!("hace {es} {lugar}"),
            )));
            pairs.push(statement((
                format!("it is not {en} {place}"),
                format!("no hace {es} {lugar}"),
            )));
            pairs.push(question((
                format!("is it {en} {place}"),
                format!("hace {es} {lugar}"),
            )));
            if place != "today" {
                pairs.push(statement((
                    format!("it was {en} {place}"),
                    format!("hizo {es} {lugar}"),
                )));
            }
        }
        for (time, cuándo) in [("tomorrow", "mañana"), ("tonight", "esta noche")]
            .iter()
            .filter(|time| en != "sunny" || time.0 != "tonight")
        {
            pairs.push(statement((
                format!("it is going to be {en} {time}"),
                format!("va a hacer {es} {cuándo}"),
            )));
        }
    }
    for (ing, base, lloviendo, llover, llueve) in [
        ("raining", "rain", "lloviendo", "llover", "llueve"),
        ("snowing", "snow", "nevando", "nevar", "nieva"),
    ] {
        for (place, lugar) in &places[1..] {
            pairs.push(statement((
                format!("it is {ing} {place}"),
                format!("está {lloviendo} {lugar}"),
            )));
            pairs.push(statement((
                format!("it is not {ing} {place}"),
                format!("no está {lloviendo} {lugar}"),
            )));
            pairs.push(question((
                format!("is it {ing} {place}"),
                format!("está {lloviendo} {lugar}"),
            )));
            pairs.push(statement((
                format!("it {base}s a lot {place}"),
                format!("{llueve} mucho {lugar}"),
            )));
        }
        for (time, cuándo) in SOON {
            pairs.push(statement((
                format!("it is going to {base} {time}"),
                format!("va a {llover} {cuándo}"),
            )));
            pairs.push(question((
                format!("is it going to {base} {time}"),
                format!("va a {llover} {cuándo}"),
            )));
        }
    }
    pairs
}
