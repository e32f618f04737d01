//! What the page says about a task before anything is loaded, and the settings that it starts with.

use super::TaskKind;
use crate::config::Config;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// A task in words, its settings, and where it starts.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct TaskInfo {
    pub kind: TaskKind,
    /// The name that the page shows.
    pub label: String,
    /// One sentence for a person who has to choose between tasks.
    pub help: String,
    /// Two sentences: what is learnt, and what to try.
    pub about: String,
    /// The keys of the settings that mean something to the task.
    #[tsify(type = "Exclude<keyof Config, 'task'>[]")]
    pub settings: Vec<String>,
    /// Whole configurations with a name; the page starts with the first.
    pub presets: Vec<Preset>,
    /// The data that the page starts with; none where the task makes its own.
    #[tsify(optional)]
    pub built_in: Option<BuiltIn>,
    /// What the task's own score is, if it has one.
    #[tsify(optional)]
    pub score: Option<ScoreInfo>,
}

/// A configuration worth starting from.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct Preset {
    pub name: String,
    /// A sentence or two: what it is good for, and what it costs.
    pub about: String,
    pub config: Config,
}

/// Data that comes with the page.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct BuiltIn {
    pub name: String,
    /// The file beside the page, in its folder `data`; none where the program itself writes the data.
    #[tsify(optional)]
    pub file: Option<String>,
}

/// A figure that tells how good the answers are, beside loss and accuracy.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct ScoreInfo {
    pub name: String,
    /// A sentence for a person who meets it for the first time.
    pub help: String,
}

impl TaskInfo {
    /// The configuration that the page starts with.
    pub fn start(&self) -> Config {
        self.presets
            .first()
            .map_or_else(Config::default, |preset| preset.config.clone())
    }
}

/// Keys of settings, from several lists.
pub fn keys(lists: &[&[&str]]) -> Vec<String> {
    lists.concat().into_iter().map(String::from).collect()
}
