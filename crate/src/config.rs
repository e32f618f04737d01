//! Every hyperparameter, once. The form on the page, the share link, the validation and the
//! TypeScript types all come from the table below.

use crate::error::{Error, ErrorCode, Result};
use crate::tasks::{TASKS, TaskInfo, TaskKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tsify::Tsify;

/// A setting that is one of a few named choices.
pub trait Choice {
    /// The choices, in the order in which the form shows them.
    fn options() -> Vec<ChoiceOption>;
}

/// One entry of a drop-down list.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct ChoiceOption {
    /// The value as it stands in [`Config`] and in a link.
    pub value: String,
    pub label: String,
}

macro_rules! choices {
    ($( $(#[doc = $doc:literal])+ $name:ident { $( $(#[doc = $variant_doc:literal])* $variant:ident = $value:literal $label:literal ),+ $(,)? } )+) => { $(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
        pub enum $name { $( $(#[doc = $variant_doc])* #[serde(rename = $value)] $variant ),+ }

        impl $name {
            /// The name that people know it by.
            pub fn label(self) -> &'static str {
                match self { $( Self::$variant => $label ),+ }
            }
        }

        impl Choice for $name {
            fn options() -> Vec<ChoiceOption> {
                vec![$( ChoiceOption { value: $value.into(), label: $label.into() } ),+]
            }
        }
    )+ };
}

choices! {
    /// The recurrent cell.
    CellKind {
        /// Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates).
        Lstm = "lstm" "LSTM",
        /// Gated recurrent unit, reset after the product (Cho et al. 2014; cuDNN's form).
        Gru = "gru" "GRU",
        /// Elman's simple recurrent network.
        Rnn = "rnn" "Simple RNN",
    }
    /// The simple RNN's activation.
    Activation { Tanh = "tanh" "tanh", Relu = "relu" "ReLU" }
    /// How token ids enter the first layer.
    InputKind {
        /// A learnt vector per token.
        Embedding = "embedding" "Embedding",
        /// One row of the input weights per token: the product with a one-hot vector, without the vector.
        OneHot = "one_hot" "One-hot",
    }
    /// Luong attention (Luong et al. 2015), additive in Bahdanau's form; no input feeding.
    AttentionKind {
        None = "none" "None",
        Dot = "dot" "Dot",
        General = "general" "General",
        Additive = "additive" "Additive",
    }
    /// How weights start.
    Initialisation {
        /// Glorot uniform inputs, orthogonal recurrent weights, forget-gate bias 1.
        Keras = "keras" "Keras",
        /// Uniform in ±1/√hidden throughout; embeddings normal.
        PyTorch = "pytorch" "PyTorch",
    }
    /// The optimizer.
    OptimizerKind { Adam = "adam" "Adam", AdamW = "adamw" "AdamW", RmsProp = "rmsprop" "RMSprop", Sgd = "sgd" "SGD" }
    /// How the learning rate changes over the steps.
    ScheduleKind {
        Constant = "constant" "Constant",
        /// Linear from zero over the warm-up steps, then constant.
        WarmUp = "warm_up" "Warm-up",
        /// Half a cosine from the learning rate to zero over all steps, after the warm-up steps.
        Cosine = "cosine" "Cosine",
        /// Multiplied by the decay factor every so many epochs.
        Step = "step" "Step",
    }
    /// What a token is.
    Level { Word = "word" "Words", Char = "char" "Characters" }
    /// What the parity network is asked for.
    Framing {
        /// Two classes.
        Parity = "parity" "Even or odd",
        /// A class for every possible count; the answer is the count modulo 2.
        Count = "count" "How many ones",
    }
    /// How long the parity task's strings are.
    Lengths {
        Fixed = "fixed" "All the same",
        /// Each length from 1 to the longest equally often.
        Mixed = "mixed" "Mixed",
        /// Mixed lengths, of which the first epochs see only the short ones (Bengio et al. 2009).
        Growing = "growing" "Short ones first",
    }
    /// How running text is cut into examples.
    Presentation {
        /// Read from end to end, states carried over, every token predicted.
        Streams = "streams" "In streams",
        /// Windows that predict the token behind them.
        Windows = "windows" "In windows",
    }
    /// What of a conversation is turned into lower case.
    Lowered {
        Questions = "questions" "Questions only",
        All = "all" "Questions and replies",
        None = "none" "Nothing",
    }
    /// Where a long text is cut.
    Cut {
        /// Its end stays.
        Front = "front" "From the front",
        /// Its beginning stays.
        Back = "back" "From the back",
    }
    /// What of the hidden states the verdict on a text is made from.
    Pooling {
        /// The state after the last token.
        Last = "last" "Last state",
        /// The mean of the states after all tokens.
        Mean = "mean" "Mean over states",
    }
    /// Where the parity network is asked for the answer.
    ParityLoss {
        /// After every bit.
        Every = "every" "After every bit",
        /// After the last bit only.
        Last = "last" "After the last bit",
    }
}

impl OptimizerKind {
    /// Running means that it keeps of each weight's gradients.
    pub fn moments(self) -> usize {
        match self {
            Self::Adam | Self::AdamW => 2,
            Self::RmsProp | Self::Sgd => 1,
        }
    }
}

/// The kind of control and its range.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Control {
    /// A whole number, both ends included.
    Integer {
        min: u32,
        max: u32,
        step: u32,
        log: bool,
    },
    /// A real number, both ends included; `log`: the slider moves in powers.
    Number {
        min: f64,
        max: f64,
        step: f64,
        log: bool,
    },
    Choice {
        options: Vec<ChoiceOption>,
    },
    Flag,
}

/// Which part of the form a setting stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    Data,
    Model,
    Training,
    Decoding,
}

/// When a change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Applies {
    /// At the next step, or the next sentence.
    Live,
    /// Only in a new run: the data, the network or the order of batches would be others.
    NewRun,
}

/// A setting is shown only while another one has one of these values.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct Condition {
    pub key: String,
    pub values: Vec<String>,
}

/// All that the form, the link and the validation know of one setting.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct Field {
    /// The name in [`Config`] and in a link.
    #[tsify(type = "Exclude<keyof Config, 'task'>")]
    pub key: String,
    pub label: String,
    /// One or two sentences for a person who meets the word for the first time.
    pub help: String,
    pub group: Group,
    /// Hidden behind "Advanced".
    pub advanced: bool,
    pub applies: Applies,
    pub control: Control,
    /// All must hold for the setting to mean anything.
    pub shown_if: Vec<Condition>,
}

/// The table of settings, and the tasks, which say what settings they have.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct Schema {
    pub tasks: Vec<TaskInfo>,
    pub fields: Vec<Field>,
}

fn integer(min: u32, max: u32, step: u32) -> Control {
    Control::Integer {
        min,
        max,
        step,
        log: false,
    }
}
fn integer_log(min: u32, max: u32) -> Control {
    Control::Integer {
        min,
        max,
        step: 1,
        log: true,
    }
}
fn number(min: f64, max: f64, step: f64) -> Control {
    Control::Number {
        min,
        max,
        step,
        log: false,
    }
}
fn number_log(min: f64, max: f64) -> Control {
    Control::Number {
        min,
        max,
        step: 0.0,
        log: true,
    }
}
fn choice<C: Choice>() -> Control {
    Control::Choice {
        options: C::options(),
    }
}

/// Settings of every task that divides its data into parts.
pub const PARTS: &[&str] = &["validation_share", "test_share"];
/// Settings of every recurrent network.
pub const NETWORK: &[&str] = &[
    "cell",
    "activation",
    "hidden",
    "layers",
    "dropout",
    "recurrent_dropout",
    "initialisation",
];
/// Settings of every run.
pub const TRAINING: &[&str] = &[
    "epochs",
    "learning_rate",
    "batch",
    "optimizer",
    "momentum",
    "weight_decay",
    "schedule",
    "warm_up_steps",
    "decay_epochs",
    "decay_factor",
    "clip_norm",
    "patience",
    "seed",
];

const BASIC: bool = false;
const ADVANCED: bool = true;

macro_rules! hyperparameters {
    ($( $group:ident { $(
        $(#[doc = $help:literal])+
        $key:ident: $type:ty = $default:expr, $control:expr, $label:literal, $advanced:expr, $applies:ident
            $(, if $other:ident in $values:expr)* ;
    )+ } )+) => {
        /// One value for every setting: with the seed and the data it determines a run.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
        pub struct Config {
            /// What is trained.
            pub task: TaskKind,
            $( $( $(#[doc = $help])+ pub $key: $type, )+ )+
        }

        impl Default for Config {
            fn default() -> Self {
                Self { task: TaskKind::Translation, $( $( $key: $default, )+ )+ }
            }
        }

        impl Config {
            /// The settings that the data depends on (its own and the seed), all others as the task starts with them: two
            /// configurations that agree in this need the same data.
            pub fn data_settings(&self) -> Self {
                let start = Self::for_task(self.task);
                Self {
                    task: self.task,
                    $( $( $key: if Group::$group == Group::Data || stringify!($key) == "seed" { self.$key } else { start.$key }, )+ )+
                }
            }

            /// This configuration with the live settings of another one.
            pub fn with_live(&self, other: &Self) -> Self {
                Self {
                    task: self.task,
                    $( $( $key: if Applies::$applies == Applies::Live { other.$key } else { self.$key }, )+ )+
                }
            }
        }

        /// The table as data, in the order of the form.
        pub fn fields() -> Vec<Field> {
            vec![ $( $( Field {
                key: stringify!($key).into(),
                label: $label.into(),
                help: [$( $help.trim() ),+].join(" "),
                group: Group::$group,
                advanced: $advanced,
                applies: Applies::$applies,
                control: $control,
                shown_if: vec![ $( Condition {
                    key: stringify!($other).into(),
                    values: $values.iter().map(|v| v.to_string()).collect(),
                } ),* ],
            }, )+ )+ ]
        }
    };
}

hyperparameters! {
    Data {
        /// How many sentence pairs to use, counted from the top of the file.
        pairs: u32 = 20_000, integer_log(10, 200_000), "Pairs to use", BASIC, NewRun;
        /// Pairs with a longer sentence, in tokens, are left out.
        max_tokens: u32 = 20, integer(1, 200, 1), "Longest sentence", BASIC, NewRun;
        /// Whether a token is a word or a single character.
        level: Level = Level::Word, choice::<Level>(), "Tokens", BASIC, NewRun;
        /// Turn everything into lower case: a smaller vocabulary, and lost capitals.
        lowercase: bool = false, Control::Flag, "Lower case", BASIC, NewRun;
        /// How a text is read: in streams from its beginning to its end, predicting every next token and remembering what came before;
        /// or in separate windows that predict only the one token behind them.
        presentation: Presentation = Presentation::Streams, choice::<Presentation>(), "Text is read", BASIC, NewRun;
        /// Tokens that are read in one training step: how far back learning reaches.
        window: u32 = 64, integer_log(2, 500), "Sequence length", BASIC, NewRun;
        /// Tokens from the start of one window to the start of the next: a small stride makes many windows, much alike.
        stride: u32 = 5, integer_log(1, 500), "Stride", BASIC, NewRun, if presentation in ["windows"];
        /// Exchanges with a longer reply, in tokens, are left out.
        longest_reply: u32 = 20, integer(1, 200, 1), "Longest reply", BASIC, NewRun;
        /// What is turned into lower case: a smaller vocabulary. In questions it costs nothing, replies lose their capitals.
        lowered: Lowered = Lowered::Questions, choice::<Lowered>(), "Lower case", BASIC, NewRun;
        /// Leave emoji out.
        drop_emoji: bool = true, Control::Flag, "Emoji out", BASIC, NewRun;
        /// Leave the addresses of web pages out.
        drop_links: bool = true, Control::Flag, "Links out", BASIC, NewRun;
        /// Who of those who speak gives the replies to learn, by number of messages; 0 is the one who replies most often.
        bot: u32 = 0, integer(0, 10_000, 1), "The bot is", BASIC, NewRun;
        /// The most frequent tokens kept on each side; all others become <unk>.
        vocabulary: u32 = 10_000, integer_log(10, 50_000), "Vocabulary", ADVANCED, NewRun;
        /// How many words of running text to use, counted from the top of the first file.
        words: u32 = 1_000_000, integer_log(100, 5_000_000), "Words to use", ADVANCED, NewRun;
        /// How far around a word its neighbours are looked for, on either side: small windows find words that can stand in each other's place, large ones words of the same subject.
        context: u32 = 5, integer(1, 20, 1), "Context window", BASIC, NewRun;
        /// Words drawn at random for each neighbour, from which the network must learn to tell it.
        negatives: u32 = 5, integer(1, 50, 1), "Negatives", BASIC, NewRun;
        /// Words that make up a larger share of the text than this are left out now and then, the more so the more frequent they are; 1 keeps all.
        thinning: f64 = 1e-3, number_log(1e-6, 1.0), "Thin out above", BASIC, NewRun;
        /// Words that come fewer times than this get no vector: too little is known of them.
        min_count: u32 = 5, integer(1, 100, 1), "Minimum count", BASIC, NewRun;
        /// The column of the file that is translated from.
        source_column: u32 = 1, integer(1, 20, 1), "Source column", ADVANCED, NewRun;
        /// The column of the file that is translated into.
        target_column: u32 = 2, integer(1, 20, 1), "Target column", ADVANCED, NewRun;
        /// The column of the file that holds the text; 0 finds it.
        text_column: u32 = 0, integer(0, 20, 1), "Text column", ADVANCED, NewRun;
        /// The column of the file that holds the class; 0 finds it.
        label_column: u32 = 0, integer(0, 20, 1), "Label column", ADVANCED, NewRun;
        /// Tokens of a text that are read; longer texts are cut.
        cut_to: u32 = 80, integer_log(1, 500), "Cut texts to", BASIC, NewRun;
        /// Which end of a long text is cut off: reviews often say what they think in their last words.
        cut_from: Cut = Cut::Front, choice::<Cut>(), "Cut", BASIC, NewRun;
        /// How many random bit strings to make.
        strings: u32 = 4_000, integer_log(100, 100_000), "Strings", BASIC, NewRun;
        /// The number of bits in a string.
        bits: u32 = 16, integer(1, 500, 1), "Bits", BASIC, NewRun;
        /// All strings as long as that; or every length from 1 up to it; or these with a curriculum: the first epochs
        /// see only the short ones.
        lengths: Lengths = Lengths::Fixed, choice::<Lengths>(), "Lengths", BASIC, NewRun;
        /// By how many bits the longest string grows with every epoch.
        growth: u32 = 2, integer(1, 100, 1), "Bits more per epoch", BASIC, NewRun, if lengths in ["growing"];
        /// Even or odd are two classes. How many ones is a class for every number that there can be, and even or odd
        /// follows from it; but no network knows a number that it has never seen.
        framing: Framing = Framing::Parity, choice::<Framing>(), "Question", BASIC, NewRun;
        /// Where the network is asked for the parity. Being asked after every bit is far easier to learn from.
        parity_loss: ParityLoss = ParityLoss::Every, choice::<ParityLoss>(), "Asked", BASIC, NewRun;
        /// The part of the data that is never trained on, and that tells after each epoch how well the network does on new input.
        validation_share: f64 = 0.1, number(0.0, 0.5, 0.01), "Validation share", ADVANCED, NewRun;
        /// The part of the data that is looked at once, at the very end.
        test_share: f64 = 0.05, number(0.0, 0.5, 0.01), "Test share", ADVANCED, NewRun;
    }
    Model {
        /// The recurrent cell. LSTM and GRU remember over longer stretches than the simple RNN.
        cell: CellKind = CellKind::Lstm, choice::<CellKind>(), "Cell", BASIC, NewRun;
        /// The simple RNN's activation function.
        activation: Activation = Activation::Tanh, choice::<Activation>(), "Activation", BASIC, NewRun, if cell in ["rnn"];
        /// Numbers in the hidden state of each layer. More can remember more, and costs time.
        hidden: u32 = 128, integer_log(1, 1_024), "Hidden size", BASIC, NewRun;
        /// Recurrent layers on top of each other.
        layers: u32 = 1, integer(1, 3, 1), "Layers", BASIC, NewRun;
        /// How a token enters the network: as a learnt vector, or as its own row of the input weights.
        input: InputKind = InputKind::Embedding, choice::<InputKind>(), "Input", ADVANCED, NewRun;
        /// The length of the learnt vector of each token.
        embedding: u32 = 64, integer_log(1, 1_024), "Embedding size", ADVANCED, NewRun, if input in ["embedding"];
        /// What the verdict is made from: the state after the last token, or the mean of all states, to which every word speaks directly.
        pooling: Pooling = Pooling::Last, choice::<Pooling>(), "Verdict from", BASIC, NewRun;
        /// How the decoder looks back at the source words for each word that it writes.
        attention: AttentionKind = AttentionKind::General, choice::<AttentionKind>(), "Attention", BASIC, NewRun;
        /// The share of values set to zero at random between the layers while training: against learning by heart.
        dropout: f64 = 0.0, number(0.0, 0.9, 0.05), "Dropout", BASIC, Live;
        /// The share of hidden values that are set to zero at random on their way to the next time step while training, the same ones for a whole sequence.
        recurrent_dropout: f64 = 0.0, number(0.0, 0.9, 0.05), "Recurrent dropout", ADVANCED, Live;
        /// The distribution that the weights are drawn from at the start: as Keras does it, or as PyTorch does.
        initialisation: Initialisation = Initialisation::PyTorch, choice::<Initialisation>(), "Initialisation", ADVANCED, NewRun;
    }
    Training {
        /// How often the whole training data is gone through.
        epochs: u32 = 12, integer_log(1, 10_000), "Epochs", BASIC, Live;
        /// How far each step moves the weights. Too small is slow, too large does not learn.
        learning_rate: f64 = 0.004, number_log(1e-6, 1.0), "Learning rate", BASIC, Live;
        /// Examples per step.
        batch: u32 = 32, integer_log(1, 2_048), "Batch size", BASIC, NewRun;
        /// The rule that turns gradients into steps.
        optimizer: OptimizerKind = OptimizerKind::Adam, choice::<OptimizerKind>(), "Optimizer", ADVANCED, NewRun;
        /// How much of the last step is kept in the next one.
        momentum: f64 = 0.9, number(0.0, 0.99, 0.01), "Momentum", ADVANCED, NewRun, if optimizer in ["sgd"];
        /// How much of each weight is taken away at each step, times the learning rate.
        weight_decay: f64 = 0.01, number(0.0, 1.0, 0.001), "Weight decay", ADVANCED, NewRun, if optimizer in ["adamw"];
        /// How the learning rate changes as training goes on.
        schedule: ScheduleKind = ScheduleKind::Constant, choice::<ScheduleKind>(), "Schedule", ADVANCED, NewRun;
        /// Steps over which the learning rate rises from zero.
        warm_up_steps: u32 = 100, integer_log(1, 100_000), "Warm-up steps", ADVANCED, NewRun, if schedule in ["warm_up", "cosine"];
        /// Epochs between two drops of the learning rate.
        decay_epochs: u32 = 10, integer(1, 1_000, 1), "Epochs per drop", ADVANCED, NewRun, if schedule in ["step"];
        /// What the learning rate is multiplied by at each drop.
        decay_factor: f64 = 0.5, number(0.01, 1.0, 0.01), "Drop factor", ADVANCED, NewRun, if schedule in ["step"];
        /// The longest gradient allowed, over all weights together; 0 does not clip. Keeps recurrent networks from exploding.
        clip_norm: f64 = 5.0, number(0.0, 100.0, 0.1), "Clip gradients at", ADVANCED, Live;
        /// Steps between two samples of what the network can do; 0 takes them at the end of each epoch only.
        sample_every: u32 = 0, integer(0, 100_000, 10), "Steps per sample", ADVANCED, Live;
        /// Epochs without a better validation loss before training stops and takes the best weights back; 0 never stops.
        patience: u32 = 3, integer(0, 1_000, 1), "Patience", ADVANCED, NewRun;
        /// The start of every random choice: the same seed gives the same run.
        seed: u32 = 1, integer(1, 2_147_483_647, 1), "Seed", ADVANCED, NewRun;
    }
    Decoding {
        /// Translations followed at once; 1 always takes the likeliest next word.
        beam: u32 = 1, integer(1, 10, 1), "Beam width", BASIC, Live;
        /// How strongly long translations are preferred: the score is the log probability divided by length to this power.
        length_penalty: f64 = 1.0, number(0.0, 2.0, 0.1), "Length normalisation", ADVANCED, Live, if beam in ["2", "3", "4", "5", "6", "7", "8", "9", "10"];
        /// Replies that it draws at once, to choose from.
        candidates: u32 = 5, integer(1, 20, 1), "Replies", BASIC, Live;
        /// How daring it writes: low takes what is likely, high takes risks, 0 always takes the likeliest.
        temperature: f64 = 0.8, number(0.0, 2.0, 0.05), "Temperature", BASIC, Live;
        /// Draws the first word from so many of the likeliest only; 0 draws from all.
        first_top_k: u32 = 3, integer(0, 100, 1), "Top k of the first word", BASIC, Live;
        /// Draws from so many of the likeliest tokens only; 0 draws from all.
        top_k: u32 = 0, integer(0, 100, 1), "Top k", ADVANCED, Live;
        /// Draws from the likeliest tokens that together have this probability; 1 draws from all.
        top_p: f64 = 1.0, number(0.05, 1.0, 0.05), "Top p", ADVANCED, Live;
        /// Tokens of each sample that is taken while it trains.
        sample_length: u32 = 300, integer_log(10, 2_000), "Sample length", ADVANCED, Live;
        /// The answer is cut after so many tokens.
        max_output: u32 = 40, integer(1, 200, 1), "Longest answer", ADVANCED, Live;
    }
}

impl Config {
    /// What a task starts with on the page.
    pub fn for_task(task: TaskKind) -> Self {
        task.info().start()
    }

    /// Checks every value against its range, and values against each other.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] that names the first setting out of range, its range and its value.
    pub fn check(&self) -> Result<()> {
        let Ok(Value::Object(values)) = serde_json::to_value(self) else {
            return Err(Error::new(
                ErrorCode::Setting,
                "The settings could not be read; reset them.",
            ));
        };
        for field in fields() {
            let (min, max) = match field.control {
                Control::Integer { min, max, .. } => (f64::from(min), f64::from(max)),
                Control::Number { min, max, .. } => (min, max),
                Control::Choice { .. } | Control::Flag => continue,
            };
            // A number that is not finite becomes null on its way through JSON.
            let value = values[&field.key].as_f64().unwrap_or(f64::NAN);
            if !(min..=max).contains(&value) {
                let message = format!(
                    "{} must lie between {min} and {max}, but is {value}.",
                    field.label
                );
                return Err(Error::new(ErrorCode::Setting, message).on_field(field.key));
            }
        }
        if self.validation_share + self.test_share > 0.8 {
            let message =
                "Validation and test together leave too little to train on; keep them below 80 %.";
            return Err(Error::new(ErrorCode::Setting, message).on_field("test_share"));
        }
        Ok(())
    }
}

/// All that a form needs to draw itself.
pub fn schema() -> Schema {
    Schema {
        tasks: TASKS.iter().map(|task| task.info()).collect(),
        fields: fields(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_name_settings_that_there_are_and_start_with_valid_ones() {
        let fields = fields();
        for task in schema().tasks {
            for key in &task.settings {
                assert!(fields.iter().any(|field| field.key == *key), "{key}");
            }
            assert!(!task.presets.is_empty(), "{}", task.label);
            for preset in task.presets {
                assert_eq!(preset.config.task, task.kind);
                preset.config.check().unwrap();
            }
        }
        for field in &fields {
            let used = |task: &TaskInfo| task.settings.contains(&field.key);
            assert!(schema().tasks.iter().any(used), "no task has {}", field.key);
        }
    }

    #[test]
    fn only_data_settings_and_the_seed_make_other_data() {
        let start = Config::for_task(TaskKind::Translation);
        let same = Config {
            hidden: 7,
            epochs: 99,
            beam: 3,
            ..start.clone()
        };
        assert_eq!(start.data_settings(), same.data_settings());
        for other in [
            Config {
                seed: 2,
                ..start.clone()
            },
            Config {
                lowercase: true,
                ..start.clone()
            },
        ] {
            assert_ne!(start.data_settings(), other.data_settings());
        }
    }
}
