//! What the page says about the data and the network before anything is trained.

use super::{TableReport, Task, table_reports};
use crate::config::Config;
use crate::corpus::{RejectedLine, Speaker, WordVectors};
use crate::error::{Error, ErrorCode, Result};
use crate::kernels::BINDING_BYTES;
use crate::nn::LayerShape;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// One language of the data.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Tsify)]
pub struct SideReport {
    /// Tokens in the vocabulary, the four special ones included.
    pub vocabulary: u32,
    /// The share of the training tokens that are in the vocabulary.
    pub coverage: f64,
    /// The number of sentences of each length in tokens, from length 0.
    pub lengths: Vec<u32>,
}

/// One class of labelled texts.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Tsify)]
pub struct ClassTexts {
    pub name: String,
    pub texts: u32,
    /// The number of texts of each length in tokens, before they are cut, from length 0.
    pub lengths: Vec<u32>,
}

/// What was read, what of it is used, and how it is divided.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Tsify)]
pub struct DataReport {
    pub name: String,
    /// How the file is laid out, in words.
    pub format: String,
    /// Records read.
    pub records: u32,
    /// Records within the limits of number and length.
    pub used: u32,
    /// Records left out because they are too long.
    pub too_long: u32,
    pub train: u32,
    pub validation: u32,
    pub test: u32,
    /// The first lines with all their columns.
    pub columns: Vec<Vec<String>>,
    /// Which of these columns are used, counted from 1; empty where there are none to choose.
    pub columns_used: Vec<u32>,
    /// The classes that texts have; empty for tasks without any.
    pub classes: Vec<ClassTexts>,
    /// The first records as they are used: input and answer.
    #[tsify(type = "[string, string][]")]
    pub rows: Vec<(String, String)>,
    /// The styles that a text can be written in; empty for tasks without any.
    pub styles: Vec<String>,
    /// The share of the validation part that a guess gets right which does not look at the input.
    #[tsify(optional)]
    pub baseline: Option<f64>,
    #[tsify(optional)]
    pub source: Option<SideReport>,
    #[tsify(optional)]
    pub target: Option<SideReport>,
    /// All who speak, those with the most messages first; nobody where replies stand in a column.
    pub speakers: Vec<Speaker>,
    /// Who of them replies, counted from 1.
    #[tsify(optional)]
    pub bot: Option<u32>,
    /// The first lines that could not be used.
    pub rejected: Vec<RejectedLine>,
    pub rejected_total: u32,
}

impl DataReport {
    /// The same without any of the data's text, but for the names of its classes and styles.
    pub fn without_text(&self) -> Self {
        Self {
            columns: Vec::new(),
            rows: Vec::new(),
            speakers: Vec::new(),
            bot: None,
            rejected: Vec::new(),
            ..self.clone()
        }
    }
}

/// One line of a model summary.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct LayerSummary {
    pub name: String,
    pub kind: String,
    pub output_shape: String,
    pub parameters: u32,
}

/// The network, as Keras prints it, and whether it fits.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct ModelSummary {
    pub layers: Vec<LayerSummary>,
    pub parameters: u32,
    /// An estimate of what training takes: weights, gradients, optimizer, activations.
    pub memory_bytes: f64,
    /// Why the network will not fit, and what to lower.
    #[tsify(optional)]
    pub refusal: Option<String>,
}

/// Data and network for some settings.
#[derive(Clone, Debug, Serialize, Deserialize, Tsify)]
pub struct Preview {
    pub data: DataReport,
    pub model: ModelSummary,
    /// The network's tables of token vectors.
    pub tables: Vec<TableReport>,
}

/// What there is to say of a task's data and of the network for these settings, which might start from
/// these word vectors.
pub fn preview<T: Task>(task: &T, config: &Config, vectors: Option<&WordVectors>) -> Preview {
    let model = task.summary(config);
    Preview {
        data: task.report().clone(),
        tables: table_reports(task, &model, vectors),
        model,
    }
}

/// The most memory a run may take: a web page's WebAssembly memory ends at 4 GiB.
const MEMORY_LIMIT: f64 = 3.0 * (1u64 << 30) as f64;

/// Numbers that a recurrent layer keeps for each unit and time step: the input half, which turns into
/// gates and then into their gradients (4, and 3 more in a GRU), the states (2), the outputs and their
/// gradient (2), and the same with dropout (3).
pub const KEPT_PER_UNIT: f64 = 14.0;

/// What a run needs besides its weights.
pub struct Activations {
    /// Numbers kept for the backward pass of one training step.
    pub kept: f64,
    /// Numbers in the largest single weight.
    pub largest_weight: f64,
    /// Numbers in the largest single tensor of a training step.
    pub largest: f64,
    /// Running means that the optimizer keeps per weight.
    pub moments: f64,
}

impl ModelSummary {
    /// Makes sure that the network fits.
    ///
    /// # Errors
    /// [`ErrorCode::Memory`] with the refusal.
    pub fn check_memory(&self) -> Result<()> {
        match &self.refusal {
            None => Ok(()),
            Some(refusal) => Err(Error::new(ErrorCode::Memory, refusal)),
        }
    }

    /// Sums up the layers of a network and what training it needs.
    pub fn new(layers: Vec<LayerShape>, activations: &Activations) -> Self {
        let parameters: usize = layers.iter().map(|layer| layer.parameters).sum();
        // The weights themselves, their gradients, the best ones, and those of the last epoch.
        let copies = 4.0 + 2.0 * activations.moments;
        let memory_bytes = 4.0 * (parameters as f64 * copies + activations.kept);
        let refusal = if memory_bytes > MEMORY_LIMIT {
            Some(format!(
                "Training this needs about {:.1} GB, and a web page has 3 GB at most. \
                 Lower the hidden size, the vocabulary, the batch size or the longest sentence.",
                memory_bytes / 1e9
            ))
        } else if 4.0 * activations.largest > BINDING_BYTES as f64 {
            Some(format!(
                "One tensor of a training step takes {:.0} MB, and a GPU in a browser takes 128 MB at a time. \
                 Lower the batch size, the longest sequence or the hidden size.",
                4.0 * activations.largest / 1e6
            ))
        } else if 4.0 * activations.largest_weight > BINDING_BYTES as f64 {
            Some(format!(
                "One weight matrix takes {:.0} MB, and a GPU in a browser takes 128 MB at a time. \
                 Lower the hidden size or the vocabulary.",
                4.0 * activations.largest_weight / 1e6
            ))
        } else {
            None
        };
        let layers = layers.into_iter().map(|layer| LayerSummary {
            name: layer.name,
            kind: layer.kind,
            output_shape: layer.output_shape,
            parameters: layer.parameters as u32,
        });
        Self {
            layers: layers.collect(),
            parameters: parameters as u32,
            memory_bytes,
            refusal,
        }
    }
}
