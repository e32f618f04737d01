//! The words of the phrase book, sorted by what can sensibly be said of them.

/// Who acts, as far as verb forms need to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Person {
    I,
    You,
    Third,
    We,
    They,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gender {
    Masculine,
    Feminine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    One,
    Many,
}

use Gender::{Feminine as F, Masculine as M};
use Number::{Many, One};

/// Who a sentence is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Subject {
    pub en: &'static str,
    /// Empty where Spanish leaves the pronoun out.
    pub es: &'static str,
    pub person: Person,
    /// None for *I* and *you*, who may be either.
    pub gender: Option<Gender>,
    /// Children go to school and drink no wine.
    pub child: bool,
}

impl Subject {
    pub fn number(&self) -> Number {
        match self.person {
            Person::We | Person::They => Many,
            _ => One,
        }
    }
}

const fn pronoun(
    en: &'static str,
    es: &'static str,
    person: Person,
    gender: Option<Gender>,
) -> Subject {
    Subject {
        en,
        es,
        person,
        gender,
        child: false,
    }
}
const fn one(en: &'static str, es: &'static str, gender: Gender) -> Subject {
    Subject {
        en,
        es,
        person: Person::Third,
        gender: Some(gender),
        child: false,
    }
}
const fn child(en: &'static str, es: &'static str, gender: Gender) -> Subject {
    Subject {
        en,
        es,
        person: Person::Third,
        gender: Some(gender),
        child: true,
    }
}
const fn many(en: &'static str, es: &'static str) -> Subject {
    Subject {
        en,
        es,
        person: Person::They,
        gender: Some(M),
        child: false,
    }
}

pub(super) const I: Subject = pronoun("I", "", Person::I, None);
pub(super) const YOU: Subject = pronoun("you", "", Person::You, None);
pub(super) const HE: Subject = pronoun("he", "él", Person::Third, Some(M));
pub(super) const SHE: Subject = pronoun("she", "ella", Person::Third, Some(F));
pub(super) const WE: Subject = pronoun("we", "", Person::We, Some(M));
pub(super) const THEY: Subject = pronoun("they", "", Person::They, Some(M));
pub(super) const CHILDREN: Subject = Subject {
    child: true,
    ..many("the children", "los niños")
};

/// Who is talked about in statements.
pub(super) const TOLD: &[Subject] = &[
    I,
    HE,
    SHE,
    WE,
    THEY,
    one("Ana", "Ana", F),
    one("Carmen", "Carmen", F),
    one("Luis", "Luis", M),
    one("Pedro", "Pedro", M),
    one("my mother", "mi madre", F),
    one("my father", "mi padre", M),
    one("my sister", "mi hermana", F),
    one("my brother", "mi hermano", M),
    child("my daughter", "mi hija", F),
    child("my son", "mi hijo", M),
    many("my parents", "mis padres"),
    many("my friends", "mis amigos"),
    CHILDREN,
];

/// Who is asked about.
pub(super) const ASKED: &[Subject] = &[
    YOU,
    HE,
    SHE,
    THEY,
    one("Ana", "Ana", F),
    one("Luis", "Luis", M),
    one("your mother", "tu madre", F),
    one("your father", "tu padre", M),
    one("your sister", "tu hermana", F),
    one("your brother", "tu hermano", M),
    many("your parents", "tus padres"),
    many("your friends", "tus amigos"),
    CHILDREN,
];

/// People as the object of a verb.
pub(super) const PEOPLE: &[(&str, &str)] = &[
    ("Ana", "Ana"),
    ("Carmen", "Carmen"),
    ("Luis", "Luis"),
    ("Pedro", "Pedro"),
    ("my mother", "mi madre"),
    ("my father", "mi padre"),
    ("my sister", "mi hermana"),
    ("my brother", "mi hermano"),
    ("my parents", "mis padres"),
    ("my friends", "mis amigos"),
    ("your mother", "tu madre"),
    ("your father", "tu padre"),
    ("your sister", "tu hermana"),
    ("your brother", "tu hermano"),
    ("your parents", "tus padres"),
    ("the doctor", "el médico"),
    ("the teacher", "el profesor"),
    ("the children", "los niños"),
];

/// A verb with the forms that the grammar uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Verb {
    /// Base form, third person, past, -ing.
    pub en: [&'static str; 4],
    pub infinitive: &'static str,
    pub gerund: &'static str,
    /// By person: yo, tú, él, nosotros, ellos.
    pub present: [&'static str; 5],
    /// The simple past (pretérito indefinido), by person.
    pub past: [&'static str; 5],
}

const fn verb(
    en: [&'static str; 4],
    [infinitive, gerund]: [&'static str; 2],
    present: [&'static str; 5],
    past: [&'static str; 5],
) -> Verb {
    Verb {
        en,
        infinitive,
        gerund,
        present,
        past,
    }
}

pub(super) const SER: [&str; 5] = ["soy", "eres", "es", "somos", "son"];
pub(super) const ESTAR: [&str; 5] = ["estoy", "estás", "está", "estamos", "están"];
/// *estar* in the imperfect: how somebody was feeling.
pub(super) const ESTABA: [&str; 5] = ["estaba", "estabas", "estaba", "estábamos", "estaban"];
/// *estar* in the simple past: where somebody was.
pub(super) const ESTUVE: [&str; 5] = ["estuve", "estuviste", "estuvo", "estuvimos", "estuvieron"];
pub(super) const PODER: [&str; 5] = ["puedo", "puedes", "puede", "podemos", "pueden"];

pub(super) const EAT: Verb = verb(
    ["eat", "eats", "ate", "eating"],
    ["comer", "comiendo"],
    ["como", "comes", "come", "comemos", "comen"],
    ["comí", "comiste", "comió", "comimos", "comieron"],
);
pub(super) const DRINK: Verb = verb(
    ["drink", "drinks", "drank", "drinking"],
    ["beber", "bebiendo"],
    ["bebo", "bebes", "bebe", "bebemos", "beben"],
    ["bebí", "bebiste", "bebió", "bebimos", "bebieron"],
);
pub(super) const BUY: Verb = verb(
    ["buy", "buys", "bought", "buying"],
    ["comprar", "comprando"],
    ["compro", "compras", "compra", "compramos", "compran"],
    ["compré", "compraste", "compró", "compramos", "compraron"],
);
pub(super) const WANT: Verb = verb(
    ["want", "wants", "wanted", "wanting"],
    ["querer", "queriendo"],
    ["quiero", "quieres", "quiere", "queremos", "quieren"],
    ["quise", "quisiste", "quiso", "quisimos", "quisieron"],
);
pub(super) const NEED: Verb = verb(
    ["need", "needs", "needed", "needing"],
    ["necesitar", "necesitando"],
    [
        "necesito",
        "necesitas",
        "necesita",
        "necesitamos",
        "necesitan",
    ],
    [
        "necesité",
        "necesitaste",
        "necesitó",
        "necesitamos",
        "necesitaron",
    ],
);
pub(super) const HAVE: Verb = verb(
    ["have", "has", "had", "having"],
    ["tener", "teniendo"],
    ["tengo", "tienes", "tiene", "tenemos", "tienen"],
    ["tuve", "tuviste", "tuvo", "tuvimos", "tuvieron"],
);
pub(super) const HAVE_TO: Verb = verb(
    ["have to", "has to", "had to", "having to"],
    ["tener que", "teniendo que"],
    [
        "tengo que",
        "tienes que",
        "tiene que",
        "tenemos que",
        "tienen que",
    ],
    [
        "tuve que",
        "tuviste que",
        "tuvo que",
        "tuvimos que",
        "tuvieron que",
    ],
);
pub(super) const WANT_TO: Verb = Verb {
    en: ["want to", "wants to", "wanted to", "wanting to"],
    ..WANT
};
pub(super) const NEED_TO: Verb = Verb {
    en: ["need to", "needs to", "needed to", "needing to"],
    ..NEED
};
pub(super) const GO: Verb = verb(
    ["go", "goes", "went", "going"],
    ["ir", "yendo"],
    ["voy", "vas", "va", "vamos", "van"],
    ["fui", "fuiste", "fue", "fuimos", "fueron"],
);
pub(super) const LOOK_FOR: Verb = verb(
    ["look for", "looks for", "looked for", "looking for"],
    ["buscar", "buscando"],
    ["busco", "buscas", "busca", "buscamos", "buscan"],
    ["busqué", "buscaste", "buscó", "buscamos", "buscaron"],
);
pub(super) const SEE: Verb = verb(
    ["see", "sees", "saw", "seeing"],
    ["ver", "viendo"],
    ["veo", "ves", "ve", "vemos", "ven"],
    ["vi", "viste", "vio", "vimos", "vieron"],
);
pub(super) const VISIT: Verb = verb(
    ["visit", "visits", "visited", "visiting"],
    ["visitar", "visitando"],
    ["visito", "visitas", "visita", "visitamos", "visitan"],
    ["visité", "visitaste", "visitó", "visitamos", "visitaron"],
);
pub(super) const CALL: Verb = verb(
    ["call", "calls", "called", "calling"],
    ["llamar", "llamando"],
    ["llamo", "llamas", "llama", "llamamos", "llaman"],
    ["llamé", "llamaste", "llamó", "llamamos", "llamaron"],
);
pub(super) const HELP: Verb = verb(
    ["help", "helps", "helped", "helping"],
    ["ayudar", "ayudando"],
    ["ayudo", "ayudas", "ayuda", "ayudamos", "ayudan"],
    ["ayudé", "ayudaste", "ayudó", "ayudamos", "ayudaron"],
);
pub(super) const WAIT_FOR: Verb = verb(
    ["wait for", "waits for", "waited for", "waiting for"],
    ["esperar", "esperando"],
    ["espero", "esperas", "espera", "esperamos", "esperan"],
    ["esperé", "esperaste", "esperó", "esperamos", "esperaron"],
);
pub(super) const KNOW: Verb = verb(
    ["know", "knows", "knew", "knowing"],
    ["conocer", "conociendo"],
    ["conozco", "conoces", "conoce", "conocemos", "conocen"],
    ["conocí", "conociste", "conoció", "conocimos", "conocieron"],
);
pub(super) const LIVE: Verb = verb(
    ["live", "lives", "lived", "living"],
    ["vivir", "viviendo"],
    ["vivo", "vives", "vive", "vivimos", "viven"],
    ["viví", "viviste", "vivió", "vivimos", "vivieron"],
);
pub(super) const SPEAK: Verb = verb(
    ["speak", "speaks", "spoke", "speaking"],
    ["hablar", "hablando"],
    ["hablo", "hablas", "habla", "hablamos", "hablan"],
    ["hablé", "hablaste", "habló", "hablamos", "hablaron"],
);
pub(super) const STUDY: Verb = verb(
    ["study", "studies", "studied", "studying"],
    ["estudiar", "estudiando"],
    ["estudio", "estudias", "estudia", "estudiamos", "estudian"],
    [
        "estudié",
        "estudiaste",
        "estudió",
        "estudiamos",
        "estudiaron",
    ],
);
pub(super) const TRAVEL: Verb = verb(
    ["travel", "travels", "traveled", "traveling"],
    ["viajar", "viajando"],
    ["viajo", "viajas", "viaja", "viajamos", "viajan"],
    ["viajé", "viajaste", "viajó", "viajamos", "viajaron"],
);
pub(super) const WORK: Verb = verb(
    ["work", "works", "worked", "working"],
    ["trabajar", "trabajando"],
    ["trabajo", "trabajas", "trabaja", "trabajamos", "trabajan"],
    [
        "trabajé",
        "trabajaste",
        "trabajó",
        "trabajamos",
        "trabajaron",
    ],
);
const SLEEP: Verb = verb(
    ["sleep", "sleeps", "slept", "sleeping"],
    ["dormir", "durmiendo"],
    ["duermo", "duermes", "duerme", "dormimos", "duermen"],
    ["dormí", "dormiste", "durmió", "dormimos", "durmieron"],
);
const REST: Verb = verb(
    ["rest", "rests", "rested", "resting"],
    ["descansar", "descansando"],
    [
        "descanso",
        "descansas",
        "descansa",
        "descansamos",
        "descansan",
    ],
    [
        "descansé",
        "descansaste",
        "descansó",
        "descansamos",
        "descansaron",
    ],
);
const SWIM: Verb = verb(
    ["swim", "swims", "swam", "swimming"],
    ["nadar", "nadando"],
    ["nado", "nadas", "nada", "nadamos", "nadan"],
    ["nadé", "nadaste", "nadó", "nadamos", "nadaron"],
);
pub(super) const COOK: Verb = verb(
    ["cook", "cooks", "cooked", "cooking"],
    ["cocinar", "cocinando"],
    ["cocino", "cocinas", "cocina", "cocinamos", "cocinan"],
    ["cociné", "cocinaste", "cocinó", "cocinamos", "cocinaron"],
);
const DANCE: Verb = verb(
    ["dance", "dances", "danced", "dancing"],
    ["bailar", "bailando"],
    ["bailo", "bailas", "baila", "bailamos", "bailan"],
    ["bailé", "bailaste", "bailó", "bailamos", "bailaron"],
);
const SING: Verb = verb(
    ["sing", "sings", "sang", "singing"],
    ["cantar", "cantando"],
    ["canto", "cantas", "canta", "cantamos", "cantan"],
    ["canté", "cantaste", "cantó", "cantamos", "cantaron"],
);
const READ: Verb = verb(
    ["read", "reads", "read", "reading"],
    ["leer", "leyendo"],
    ["leo", "lees", "lee", "leemos", "leen"],
    ["leí", "leíste", "leyó", "leímos", "leyeron"],
);
const WRITE: Verb = verb(
    ["write", "writes", "wrote", "writing"],
    ["escribir", "escribiendo"],
    ["escribo", "escribes", "escribe", "escribimos", "escriben"],
    [
        "escribí",
        "escribiste",
        "escribió",
        "escribimos",
        "escribieron",
    ],
);
pub(super) const CLEAN: Verb = verb(
    ["clean", "cleans", "cleaned", "cleaning"],
    ["limpiar", "limpiando"],
    ["limpio", "limpias", "limpia", "limpiamos", "limpian"],
    ["limpié", "limpiaste", "limpió", "limpiamos", "limpiaron"],
);
const WASH: Verb = verb(
    ["wash", "washes", "washed", "washing"],
    ["lavar", "lavando"],
    ["lavo", "lavas", "lava", "lavamos", "lavan"],
    ["lavé", "lavaste", "lavó", "lavamos", "lavaron"],
);
const LISTEN_TO: Verb = verb(
    ["listen to", "listens to", "listened to", "listening to"],
    ["escuchar", "escuchando"],
    ["escucho", "escuchas", "escucha", "escuchamos", "escuchan"],
    [
        "escuché",
        "escuchaste",
        "escuchó",
        "escuchamos",
        "escucharon",
    ],
);
pub(super) const PLAY: Verb = verb(
    ["play", "plays", "played", "playing"],
    ["jugar", "jugando"],
    ["juego", "juegas", "juega", "jugamos", "juegan"],
    ["jugué", "jugaste", "jugó", "jugamos", "jugaron"],
);
/// Instruments are touched in Spanish.
const PLAY_MUSIC: Verb = verb(
    PLAY.en,
    ["tocar", "tocando"],
    ["toco", "tocas", "toca", "tocamos", "tocan"],
    ["toqué", "tocaste", "tocó", "tocamos", "tocaron"],
);
pub(super) const WATCH: Verb = Verb {
    en: ["watch", "watches", "watched", "watching"],
    ..SEE
};
pub(super) const GET_UP: Verb = verb(
    ["get up", "gets up", "got up", "getting up"],
    ["levantarse", "levantándose"],
    [
        "me levanto",
        "te levantas",
        "se levanta",
        "nos levantamos",
        "se levantan",
    ],
    [
        "me levanté",
        "te levantaste",
        "se levantó",
        "nos levantamos",
        "se levantaron",
    ],
);
pub(super) const GO_TO_BED: Verb = verb(
    ["go to bed", "goes to bed", "went to bed", "going to bed"],
    ["acostarse", "acostándose"],
    [
        "me acuesto",
        "te acuestas",
        "se acuesta",
        "nos acostamos",
        "se acuestan",
    ],
    [
        "me acosté",
        "te acostaste",
        "se acostó",
        "nos acostamos",
        "se acostaron",
    ],
);
pub(super) const HAVE_BREAKFAST: Verb = verb(
    [
        "have breakfast",
        "has breakfast",
        "had breakfast",
        "having breakfast",
    ],
    ["desayunar", "desayunando"],
    [
        "desayuno",
        "desayunas",
        "desayuna",
        "desayunamos",
        "desayunan",
    ],
    [
        "desayuné",
        "desayunaste",
        "desayunó",
        "desayunamos",
        "desayunaron",
    ],
);
pub(super) const HAVE_DINNER: Verb = verb(
    ["have dinner", "has dinner", "had dinner", "having dinner"],
    ["cenar", "cenando"],
    ["ceno", "cenas", "cena", "cenamos", "cenan"],
    ["cené", "cenaste", "cenó", "cenamos", "cenaron"],
);
/// Something to do, such as *play soccer*.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Activity {
    pub verb: Verb,
    /// What follows the verb.
    pub rest: (&'static str, &'static str),
    /// Whether children do it too.
    pub child: bool,
    /// Whether it is something to like.
    pub fun: bool,
}

const fn activity(
    verb: Verb,
    en: &'static str,
    es: &'static str,
    child: bool,
    fun: bool,
) -> Activity {
    Activity {
        verb,
        rest: (en, es),
        child,
        fun,
    }
}

pub(super) const ACTIVITIES: &[Activity] = &[
    activity(WORK, "", "", false, false),
    activity(STUDY, "", "", true, true),
    activity(SLEEP, "", "", true, true),
    activity(REST, "", "", true, false),
    activity(SWIM, "", "", true, true),
    activity(COOK, "", "", false, true),
    activity(DANCE, "", "", true, true),
    activity(SING, "", "", true, true),
    activity(READ, "the newspaper", "el periódico", false, true),
    activity(READ, "a book", "un libro", true, false),
    activity(WRITE, "a letter", "una carta", true, false),
    activity(CLEAN, "the house", "la casa", false, false),
    activity(CLEAN, "the kitchen", "la cocina", false, false),
    activity(WASH, "the dishes", "los platos", true, false),
    activity(WASH, "the car", "el coche", false, false),
    activity(LISTEN_TO, "music", "música", true, true),
    activity(LISTEN_TO, "the radio", "la radio", false, true),
    activity(PLAY, "soccer", "al fútbol", true, true),
    activity(PLAY, "tennis", "al tenis", true, true),
    activity(PLAY_MUSIC, "the piano", "el piano", true, true),
    activity(PLAY_MUSIC, "the guitar", "la guitarra", true, true),
    activity(WATCH, "television", "la televisión", true, true),
    activity(WATCH, "a movie", "una película", true, false),
];

/// Something to eat or drink.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Food {
    /// In general: *cheese*, *eggs*; with the article in Spanish: *el queso*, *los huevos*.
    pub kind: (&'static str, &'static str),
    /// As eaten: *cheese*, *an apple*; *queso*, *una manzana*.
    pub some: (&'static str, &'static str),
    pub gender: Gender,
    pub number: Number,
    pub drink: bool,
    /// Not for children.
    pub adult: bool,
    /// Served hot, so that it can also be cold.
    pub hot: bool,
}

const fn food(
    kind: (&'static str, &'static str),
    some: (&'static str, &'static str),
    gender: Gender,
    number: Number,
    hot: bool,
) -> Food {
    Food {
        kind,
        some,
        gender,
        number,
        drink: false,
        adult: false,
        hot,
    }
}
const fn drink(
    kind: (&'static str, &'static str),
    some: (&'static str, &'static str),
    gender: Gender,
    adult: bool,
    hot: bool,
) -> Food {
    Food {
        kind,
        some,
        gender,
        number: One,
        drink: true,
        adult,
        hot,
    }
}

pub(super) const FOODS: &[Food] = &[
    food(("bread", "el pan"), ("bread", "pan"), M, One, false),
    food(("rice", "el arroz"), ("rice", "arroz"), M, One, true),
    food(("cheese", "el queso"), ("cheese", "queso"), M, One, false),
    food(("fish", "el pescado"), ("fish", "pescado"), M, One, true),
    food(("chicken", "el pollo"), ("chicken", "pollo"), M, One, true),
    food(("meat", "la carne"), ("meat", "carne"), F, One, true),
    food(("soup", "la sopa"), ("soup", "sopa"), F, One, true),
    food(
        ("salad", "la ensalada"),
        ("salad", "ensalada"),
        F,
        One,
        false,
    ),
    food(("fruit", "la fruta"), ("fruit", "fruta"), F, One, false),
    food(
        ("chocolate", "el chocolate"),
        ("chocolate", "chocolate"),
        M,
        One,
        false,
    ),
    food(("eggs", "los huevos"), ("eggs", "huevos"), M, Many, true),
    food(
        ("potatoes", "las patatas"),
        ("potatoes", "patatas"),
        F,
        Many,
        true,
    ),
    food(
        ("tomatoes", "los tomates"),
        ("tomatoes", "tomates"),
        M,
        Many,
        false,
    ),
    food(
        ("apples", "las manzanas"),
        ("an apple", "una manzana"),
        F,
        Many,
        false,
    ),
    food(
        ("oranges", "las naranjas"),
        ("an orange", "una naranja"),
        F,
        Many,
        false,
    ),
    drink(("water", "el agua"), ("water", "agua"), F, false, false),
    drink(("milk", "la leche"), ("milk", "leche"), F, false, true),
    drink(
        ("orange juice", "el zumo de naranja"),
        ("orange juice", "zumo de naranja"),
        M,
        false,
        false,
    ),
    drink(("tea", "el té"), ("tea", "té"), M, true, true),
    drink(("coffee", "el café"), ("coffee", "café"), M, true, true),
    drink(("wine", "el vino"), ("wine", "vino"), M, true, false),
    drink(("beer", "la cerveza"), ("beer", "cerveza"), F, true, false),
];

/// What is ordered in a restaurant: one, several, and of what.
pub(super) const PORTIONS: &[[&str; 4]] = &[
    [
        "a glass of water",
        "glasses of water",
        "un vaso de agua",
        "vasos de agua",
    ],
    [
        "a glass of milk",
        "glasses of milk",
        "un vaso de leche",
        "vasos de leche",
    ],
    [
        "a glass of orange juice",
        "glasses of orange juice",
        "un vaso de zumo de naranja",
        "vasos de zumo de naranja",
    ],
    [
        "a cup of coffee",
        "cups of coffee",
        "una taza de café",
        "tazas de café",
    ],
    [
        "a cup of tea",
        "cups of tea",
        "una taza de té",
        "tazas de té",
    ],
    [
        "a bottle of water",
        "bottles of water",
        "una botella de agua",
        "botellas de agua",
    ],
    [
        "a bottle of wine",
        "bottles of wine",
        "una botella de vino",
        "botellas de vino",
    ],
    [
        "a bottle of beer",
        "bottles of beer",
        "una botella de cerveza",
        "botellas de cerveza",
    ],
    [
        "a piece of bread",
        "pieces of bread",
        "un trozo de pan",
        "trozos de pan",
    ],
    [
        "a piece of cheese",
        "pieces of cheese",
        "un trozo de queso",
        "trozos de queso",
    ],
    [
        "a piece of chocolate",
        "pieces of chocolate",
        "un trozo de chocolate",
        "trozos de chocolate",
    ],
];

/// An adjective or a profession with its four Spanish forms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Adjective {
    pub en: &'static str,
    /// el, la, los, las.
    es: [&'static str; 4],
}

impl Adjective {
    pub fn agree(&self, gender: Gender, number: Number) -> &'static str {
        self.es[match (gender, number) {
            (M, One) => 0,
            (F, One) => 1,
            (M, Many) => 2,
            (F, Many) => 3,
        }]
    }
}

const fn adjective(en: &'static str, es: [&'static str; 4]) -> Adjective {
    Adjective { en, es }
}

/// How somebody feels or is at the moment: *estar*.
pub(super) const MOODS: &[Adjective] = &[
    adjective("tired", ["cansado", "cansada", "cansados", "cansadas"]),
    adjective("sick", ["enfermo", "enferma", "enfermos", "enfermas"]),
    adjective("happy", ["contento", "contenta", "contentos", "contentas"]),
    adjective("sad", ["triste", "triste", "tristes", "tristes"]),
    adjective("angry", ["enfadado", "enfadada", "enfadados", "enfadadas"]),
    adjective("busy", ["ocupado", "ocupada", "ocupados", "ocupadas"]),
    adjective(
        "nervous",
        ["nervioso", "nerviosa", "nerviosos", "nerviosas"],
    ),
    adjective(
        "worried",
        ["preocupado", "preocupada", "preocupados", "preocupadas"],
    ),
    adjective("bored", ["aburrido", "aburrida", "aburridos", "aburridas"]),
];

/// What people are like: *ser*. The second English form compares.
pub(super) const TRAITS: &[(Adjective, &str)] = &[
    (
        adjective("tall", ["alto", "alta", "altos", "altas"]),
        "taller",
    ),
    (
        adjective("short", ["bajo", "baja", "bajos", "bajas"]),
        "shorter",
    ),
    (
        adjective("young", ["joven", "joven", "jóvenes", "jóvenes"]),
        "younger",
    ),
    (
        adjective("strong", ["fuerte", "fuerte", "fuertes", "fuertes"]),
        "stronger",
    ),
    (
        adjective("kind", ["amable", "amable", "amables", "amables"]),
        "kinder",
    ),
    (
        adjective(
            "nice",
            ["simpático", "simpática", "simpáticos", "simpáticas"],
        ),
        "nicer",
    ),
    (
        adjective(
            "intelligent",
            ["inteligente", "inteligente", "inteligentes", "inteligentes"],
        ),
        "more intelligent",
    ),
    (
        adjective("rich", ["rico", "rica", "ricos", "ricas"]),
        "richer",
    ),
];

/// Feelings that one *has* in Spanish: English adjective, the noun, and what *very* becomes.
pub(super) const SENSATIONS: &[(&str, &str, &str)] = &[
    ("hungry", "hambre", "mucha"),
    ("thirsty", "sed", "mucha"),
    ("cold", "frío", "mucho"),
    ("hot", "calor", "mucho"),
    ("sleepy", "sueño", "mucho"),
    ("afraid", "miedo", "mucho"),
    ("in a hurry", "prisa", ""),
    ("right", "razón", ""),
];

pub(super) const JOBS: &[Adjective] = &[
    adjective("doctor", ["médico", "médica", "médicos", "médicas"]),
    adjective(
        "teacher",
        ["profesor", "profesora", "profesores", "profesoras"],
    ),
    adjective(
        "nurse",
        ["enfermero", "enfermera", "enfermeros", "enfermeras"],
    ),
    adjective("cook", ["cocinero", "cocinera", "cocineros", "cocineras"]),
    adjective("lawyer", ["abogado", "abogada", "abogados", "abogadas"]),
    adjective(
        "engineer",
        ["ingeniero", "ingeniera", "ingenieros", "ingenieras"],
    ),
    adjective(
        "architect",
        ["arquitecto", "arquitecta", "arquitectos", "arquitectas"],
    ),
    adjective(
        "writer",
        ["escritor", "escritora", "escritores", "escritoras"],
    ),
    adjective("singer", ["cantante", "cantante", "cantantes", "cantantes"]),
    adjective(
        "student",
        ["estudiante", "estudiante", "estudiantes", "estudiantes"],
    ),
    adjective(
        "dentist",
        ["dentista", "dentista", "dentistas", "dentistas"],
    ),
    adjective(
        "journalist",
        ["periodista", "periodista", "periodistas", "periodistas"],
    ),
    adjective("artist", ["artista", "artista", "artistas", "artistas"]),
];

pub(super) const COLORS: &[Adjective] = &[
    adjective("red", ["rojo", "roja", "rojos", "rojas"]),
    adjective("white", ["blanco", "blanca", "blancos", "blancas"]),
    adjective("black", ["negro", "negra", "negros", "negras"]),
    adjective("yellow", ["amarillo", "amarilla", "amarillos", "amarillas"]),
    adjective("green", ["verde", "verde", "verdes", "verdes"]),
    adjective("blue", ["azul", "azul", "azules", "azules"]),
    adjective("brown", ["marrón", "marrón", "marrones", "marrones"]),
];
pub(super) const AGES: &[Adjective] = &[
    adjective("new", ["nuevo", "nueva", "nuevos", "nuevas"]),
    adjective("old", ["viejo", "vieja", "viejos", "viejas"]),
];
pub(super) const SIZES: &[Adjective] = &[
    adjective("big", ["grande", "grande", "grandes", "grandes"]),
    adjective("small", ["pequeño", "pequeña", "pequeños", "pequeñas"]),
];
pub(super) const COSTS: &[Adjective] = &[
    adjective("expensive", ["caro", "cara", "caros", "caras"]),
    adjective("cheap", ["barato", "barata", "baratos", "baratas"]),
];
pub(super) const LOOKS: &[Adjective] = &[adjective(
    "pretty",
    ["bonito", "bonita", "bonitos", "bonitas"],
)];
/// States of things: *estar*.
pub(super) const STATES: &[Adjective] = &[
    adjective("clean", ["limpio", "limpia", "limpios", "limpias"]),
    adjective("dirty", ["sucio", "sucia", "sucios", "sucias"]),
];
pub(super) const BROKEN: &[Adjective] = &[adjective("broken", ["roto", "rota", "rotos", "rotas"])];
pub(super) const OPENED: &[Adjective] = &[
    adjective("open", ["abierto", "abierta", "abiertos", "abiertas"]),
    adjective("closed", ["cerrado", "cerrada", "cerrados", "cerradas"]),
];
pub(super) const DELICIOUS: Adjective = adjective(
    "delicious",
    ["delicioso", "deliciosa", "deliciosos", "deliciosas"],
);
pub(super) const COLD: Adjective = adjective("cold", ["frío", "fría", "fríos", "frías"]);
pub(super) const HOT: Adjective =
    adjective("hot", ["caliente", "caliente", "calientes", "calientes"]);

/// Determiners, which agree like adjectives. English has other plurals only of *this* and *that*.
pub(super) const THE: Adjective = adjective("the", ["el", "la", "los", "las"]);
pub(super) const MY: Adjective = adjective("my", ["mi", "mi", "mis", "mis"]);
pub(super) const YOUR: Adjective = adjective("your", ["tu", "tu", "tus", "tus"]);
pub(super) const OUR: Adjective = adjective("our", ["nuestro", "nuestra", "nuestros", "nuestras"]);
pub(super) const THIS: Adjective = adjective("this", ["este", "esta", "estos", "estas"]);
pub(super) const THAT: Adjective = adjective("that", ["ese", "esa", "esos", "esas"]);
pub(super) const A: Adjective = adjective("a", ["un", "una", "unos", "unas"]);
pub(super) const HOW_MANY: Adjective =
    adjective("how many", ["cuánto", "cuánta", "cuántos", "cuántas"]);

/// A thing, and the groups of adjectives that go with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Thing {
    /// Singular and plural; things that come in pairs have only the plural.
    pub en: [&'static str; 2],
    pub es: [&'static str; 2],
    pub gender: Gender,
    /// With *ser*.
    pub kinds: &'static [&'static [Adjective]],
    /// With *estar*.
    pub states: &'static [&'static [Adjective]],
}

impl Thing {
    pub fn name(&self, number: Number) -> (&'static str, &'static str) {
        let index = usize::from(number == Many);
        (self.en[index], self.es[index])
    }

    pub fn numbers(&self) -> &'static [Number] {
        if self.en[0].is_empty() {
            &[Many]
        } else {
            &[One, Many]
        }
    }
}

const fn thing(
    en: [&'static str; 2],
    es: [&'static str; 2],
    gender: Gender,
    kinds: &'static [&'static [Adjective]],
    states: &'static [&'static [Adjective]],
) -> Thing {
    Thing {
        en,
        es,
        gender,
        kinds,
        states,
    }
}

pub(super) const THINGS: &[Thing] = &[
    thing(
        ["car", "cars"],
        ["coche", "coches"],
        M,
        &[COLORS, AGES, SIZES, COSTS],
        &[STATES],
    ),
    thing(
        ["bicycle", "bicycles"],
        ["bicicleta", "bicicletas"],
        F,
        &[COLORS, AGES, COSTS],
        &[BROKEN],
    ),
    thing(
        ["house", "houses"],
        ["casa", "casas"],
        F,
        &[AGES, SIZES, COSTS, LOOKS],
        &[STATES],
    ),
    thing(
        ["shirt", "shirts"],
        ["camisa", "camisas"],
        F,
        &[COLORS, AGES, COSTS],
        &[STATES],
    ),
    thing(
        ["dress", "dresses"],
        ["vestido", "vestidos"],
        M,
        &[COLORS, AGES, COSTS, LOOKS],
        &[STATES],
    ),
    thing(
        ["hat", "hats"],
        ["sombrero", "sombreros"],
        M,
        &[COLORS, AGES, COSTS, LOOKS],
        &[],
    ),
    thing(
        ["jacket", "jackets"],
        ["chaqueta", "chaquetas"],
        F,
        &[COLORS, AGES, COSTS],
        &[STATES],
    ),
    thing(
        ["coat", "coats"],
        ["abrigo", "abrigos"],
        M,
        &[COLORS, AGES, COSTS],
        &[STATES],
    ),
    thing(
        ["umbrella", "umbrellas"],
        ["paraguas", "paraguas"],
        M,
        &[COLORS, AGES],
        &[BROKEN],
    ),
    thing(
        ["bag", "bags"],
        ["bolsa", "bolsas"],
        F,
        &[COLORS, AGES, SIZES],
        &[],
    ),
    thing(
        ["suitcase", "suitcases"],
        ["maleta", "maletas"],
        F,
        &[COLORS, AGES, SIZES, COSTS],
        &[OPENED],
    ),
    thing(
        ["chair", "chairs"],
        ["silla", "sillas"],
        F,
        &[COLORS, AGES, COSTS],
        &[STATES, BROKEN],
    ),
    thing(
        ["table", "tables"],
        ["mesa", "mesas"],
        F,
        &[COLORS, AGES, SIZES, COSTS],
        &[STATES],
    ),
    thing(
        ["door", "doors"],
        ["puerta", "puertas"],
        F,
        &[COLORS],
        &[OPENED],
    ),
    thing(
        ["window", "windows"],
        ["ventana", "ventanas"],
        F,
        &[SIZES],
        &[STATES, OPENED],
    ),
    thing(
        ["cup", "cups"],
        ["taza", "tazas"],
        F,
        &[COLORS],
        &[STATES, BROKEN],
    ),
    thing(
        ["phone", "phones"],
        ["teléfono", "teléfonos"],
        M,
        &[AGES, COSTS],
        &[BROKEN],
    ),
    thing(
        ["computer", "computers"],
        ["ordenador", "ordenadores"],
        M,
        &[AGES, COSTS],
        &[BROKEN],
    ),
    thing(
        ["watch", "watches"],
        ["reloj", "relojes"],
        M,
        &[AGES, COSTS, LOOKS],
        &[BROKEN],
    ),
    thing(
        ["book", "books"],
        ["libro", "libros"],
        M,
        &[AGES, COSTS],
        &[],
    ),
    thing(
        ["pencil", "pencils"],
        ["lápiz", "lápices"],
        M,
        &[COLORS],
        &[BROKEN],
    ),
    thing(
        ["room", "rooms"],
        ["habitación", "habitaciones"],
        F,
        &[SIZES],
        &[STATES],
    ),
    thing(["bed", "beds"], ["cama", "camas"], F, &[AGES, SIZES], &[]),
    thing(
        ["", "shoes"],
        ["", "zapatos"],
        M,
        &[COLORS, AGES, COSTS],
        &[STATES],
    ),
    thing(["", "glasses"], ["", "gafas"], F, &[AGES, COSTS], &[BROKEN]),
    thing(["dog", "dogs"], ["perro", "perros"], M, &[SIZES], &[]),
    thing(["cat", "cats"], ["gato", "gatos"], M, &[SIZES], &[]),
    thing(
        ["flower", "flowers"],
        ["flor", "flores"],
        F,
        &[COLORS, LOOKS],
        &[],
    ),
];

/// What lies about: English, Spanish, gender, number, and whether it is an animal.
pub(super) const FINDABLE: &[(&str, &str, Gender, Number, bool)] = &[
    ("book", "libro", M, One, false),
    ("phone", "teléfono", M, One, false),
    ("umbrella", "paraguas", M, One, false),
    ("hat", "sombrero", M, One, false),
    ("letter", "carta", F, One, false),
    ("watch", "reloj", M, One, false),
    ("cup", "taza", F, One, false),
    ("shirt", "camisa", F, One, false),
    ("keys", "llaves", F, Many, false),
    ("glasses", "gafas", F, Many, false),
    ("tickets", "billetes", M, Many, false),
    ("books", "libros", M, Many, false),
    ("dog", "perro", M, One, true),
    ("cat", "gato", M, One, true),
];

/// Where it lies, and whether an animal would be there.
pub(super) const SPOTS: &[(&str, &str, bool)] = &[
    ("on the table", "sobre la mesa", false),
    ("on the chair", "sobre la silla", true),
    ("on the bed", "sobre la cama", true),
    ("on the sofa", "sobre el sofá", true),
    ("under the table", "debajo de la mesa", true),
    ("under the chair", "debajo de la silla", true),
    ("under the bed", "debajo de la cama", true),
    ("under the sofa", "debajo de el sofá", true),
    ("in the box", "en la caja", true),
    ("in the bag", "en la bolsa", false),
    ("in the car", "en el coche", true),
    ("in the suitcase", "en la maleta", false),
    ("in the kitchen", "en la cocina", true),
    ("in the room", "en la habitación", true),
    ("next to the window", "al lado de la ventana", true),
    ("next to the door", "al lado de la puerta", true),
    ("next to the bed", "al lado de la cama", true),
    ("next to the sofa", "al lado de el sofá", true),
    ("behind the door", "detrás de la puerta", true),
    ("behind the sofa", "detrás de el sofá", true),
];

/// Somewhere to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub en: &'static str,
    pub es: &'static str,
    /// *at* or *in*.
    pub at: &'static str,
    pub gender: Gender,
    /// With opening hours.
    pub opens: bool,
}

const fn place(
    en: &'static str,
    es: &'static str,
    at: &'static str,
    gender: Gender,
    opens: bool,
) -> Place {
    Place {
        en,
        es,
        at,
        gender,
        opens,
    }
}

pub(super) const SCHOOL: Place = place("school", "escuela", "at", F, false);
pub(super) const WORKPLACE: Place = place("work", "trabajo", "at", M, false);

pub(super) const PLACES: &[Place] = &[
    place("park", "parque", "in", M, false),
    place("beach", "playa", "at", F, false),
    place("market", "mercado", "at", M, true),
    place("bank", "banco", "at", M, true),
    place("library", "biblioteca", "at", F, true),
    place("hospital", "hospital", "in", M, false),
    place("airport", "aeropuerto", "at", M, false),
    place("station", "estación", "at", F, false),
    place("restaurant", "restaurante", "at", M, true),
    place("museum", "museo", "at", M, true),
    place("supermarket", "supermercado", "at", M, true),
    place("pharmacy", "farmacia", "at", F, true),
    place("hotel", "hotel", "at", M, false),
    place("theater", "teatro", "at", M, true),
    place("bakery", "panadería", "at", F, true),
    place("university", "universidad", "at", F, false),
    place("pool", "piscina", "at", F, true),
];

/// How two places lie to each other.
pub(super) const RELATIONS: &[(&str, &str)] = &[
    ("near", "cerca de"),
    ("far from", "lejos de"),
    ("next to", "al lado de"),
    ("behind", "detrás de"),
    ("in front of", "delante de"),
];

pub(super) const TRANSPORT: &[(&str, &str)] = &[
    ("by bus", "en autobús"),
    ("by train", "en tren"),
    ("by car", "en coche"),
    ("by taxi", "en taxi"),
    ("by bicycle", "en bicicleta"),
    ("on foot", "a pie"),
];

pub(super) const COUNTRIES: &[(&str, &str)] = &[
    ("Spain", "España"),
    ("France", "Francia"),
    ("Italy", "Italia"),
    ("Germany", "Alemania"),
    ("England", "Inglaterra"),
    ("Mexico", "México"),
    ("Portugal", "Portugal"),
    ("Japan", "Japón"),
];
pub(super) const CITIES: &[(&str, &str)] = &[
    ("Madrid", "Madrid"),
    ("Barcelona", "Barcelona"),
    ("Paris", "París"),
];
pub(super) const LANGUAGES: &[(&str, &str)] = &[
    ("Spanish", "español"),
    ("English", "inglés"),
    ("French", "francés"),
    ("Italian", "italiano"),
    ("German", "alemán"),
    ("Portuguese", "portugués"),
    ("Japanese", "japonés"),
];

pub(super) const DAYS: &[(&str, &str)] = &[
    ("Monday", "lunes"),
    ("Tuesday", "martes"),
    ("Wednesday", "miércoles"),
    ("Thursday", "jueves"),
    ("Friday", "viernes"),
    ("Saturday", "sábado"),
    ("Sunday", "domingo"),
];
pub(super) const MONTHS: &[(&str, &str)] = &[
    ("January", "enero"),
    ("March", "marzo"),
    ("May", "mayo"),
    ("June", "junio"),
    ("July", "julio"),
    ("August", "agosto"),
    ("October", "octubre"),
    ("December", "diciembre"),
];

/// The hours from one to twelve, as in *at five*.
pub(super) const HOURS: &[(&str, &str)] = &[
    ("one", "la una"),
    ("two", "las dos"),
    ("three", "las tres"),
    ("four", "las cuatro"),
    ("five", "las cinco"),
    ("six", "las seis"),
    ("seven", "las siete"),
    ("eight", "las ocho"),
    ("nine", "las nueve"),
    ("ten", "las diez"),
    ("eleven", "las once"),
    ("twelve", "las doce"),
];

/// Numbers from two on, none of which agrees with its noun.
pub(super) const NUMBERS: &[(&str, &str)] = &[
    ("two", "dos"),
    ("three", "tres"),
    ("four", "cuatro"),
    ("five", "cinco"),
    ("six", "seis"),
    ("seven", "siete"),
    ("eight", "ocho"),
    ("nine", "nueve"),
    ("ten", "diez"),
    ("eleven", "once"),
    ("twelve", "doce"),
];
pub(super) const TENS: &[(&str, &str)] = &[
    ("ten", "diez"),
    ("twenty", "veinte"),
    ("thirty", "treinta"),
    ("forty", "cuarenta"),
    ("fifty", "cincuenta"),
    ("sixty", "sesenta"),
    ("eighty", "ochenta"),
    ("one hundred", "cien"),
];

pub(super) const USUALLY: &[(&str, &str)] = &[
    ("every day", "todos los días"),
    ("in the morning", "por la mañana"),
    ("at night", "por la noche"),
    ("on Saturdays", "los sábados"),
    ("on Sundays", "los domingos"),
];
pub(super) const BEFORE: &[(&str, &str)] = &[
    ("yesterday", "ayer"),
    ("last night", "anoche"),
    ("on Friday", "el viernes"),
    ("on Sunday", "el domingo"),
];
pub(super) const SOON: &[(&str, &str)] = &[
    ("today", "hoy"),
    ("tonight", "esta noche"),
    ("tomorrow", "mañana"),
    ("this afternoon", "esta tarde"),
    ("on Monday", "el lunes"),
    ("on Saturday", "el sábado"),
];
