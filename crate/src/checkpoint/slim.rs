//! Making a file smaller: what to leave out, and weights of fewer bits.

use super::file::{Checkpoint, floats};
use super::{HEADER, Header, VERSION, damaged};
use crate::error::Result;
use crate::train::{Event, thin_curve};
use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use tsify::Tsify;

/// Points of the training curve in a file that is not for going on.
const CURVE_POINTS: usize = 100;

/// How weights are stored, from the most exact.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Tsify,
)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// As they were trained.
    #[default]
    F32,
    /// Half: about three decimal digits.
    F16,
    /// Whole numbers from −127 to 127, times a factor for each column of a matrix.
    I8,
}

impl Precision {
    pub(super) fn of(dtype: Dtype) -> Option<Self> {
        match dtype {
            Dtype::F32 => Some(Self::F32),
            Dtype::F16 => Some(Self::F16),
            Dtype::I8 => Some(Self::I8),
            _ => None,
        }
    }
}

/// How much of a run's history a file keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum HistoryKept {
    #[default]
    All,
    /// Curves and scores, but no samples: these quote the data.
    Curves,
    None,
}

/// What becomes of a file.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Tsify)]
pub struct Slim {
    pub title: String,
    pub licence: String,
    /// Leaves out what only the continuation of the run needs, and how fast the machine was; the curve is thinned out.
    pub weights_only: bool,
    pub precision: Precision,
    pub history: HistoryKept,
}

/// The same model in a smaller file. What is there already stays as exact as it is: fewer bits need `weights_only`.
///
/// # Errors
/// Those of [`Checkpoint::read`].
pub fn slim(bytes: &[u8], options: &Slim) -> Result<Vec<u8>> {
    let Checkpoint {
        mut header,
        tensors,
    } = Checkpoint::read(bytes)?;
    header.version = VERSION;
    header.title = options.title.clone();
    header.licence = options.licence.clone();
    match options.history {
        HistoryKept::All => {}
        HistoryKept::Curves => header
            .progress
            .history
            .iter_mut()
            .for_each(Event::forget_samples),
        HistoryKept::None => header.progress.history.clear(),
    }
    if options.weights_only {
        header.optimizer_steps = 0;
        let history = &mut header.progress.history;
        thin_curve(history, CURVE_POINTS);
        history.iter_mut().for_each(Event::forget_speed);
    }
    let mut stored = Vec::new();
    for (name, view) in tensors.iter() {
        let is_weight = name.starts_with("model.");
        if options.weights_only && !is_weight && !name.starts_with("scale.model.") {
            continue;
        }
        let exact = view.dtype() == Dtype::F32;
        let precision = match options.weights_only && is_weight && exact {
            true => options.precision,
            false => Precision::F32,
        };
        stored.extend(store(name, &view, precision));
    }
    write(&header, stored)
}

/// A tensor as it stands in a file.
pub(super) struct Stored {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

/// The bytes of a file.
pub(super) fn write(header: &Header, tensors: Vec<Stored>) -> Result<Vec<u8>> {
    let views = tensors.iter().map(|tensor| {
        let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes);
        view.map(|view| (tensor.name.as_str(), view))
    });
    let views: std::result::Result<Vec<_>, _> = views.collect();
    let json = serde_json::to_string(header).map_err(damaged)?;
    let metadata = HashMap::from([(HEADER.to_string(), json)]);
    safetensors::serialize(views.map_err(damaged)?, Some(metadata)).map_err(damaged)
}

/// A tensor in this precision, with its factors if it has any; [`Precision::F32`] leaves it as it is.
fn store(name: &str, view: &TensorView, precision: Precision) -> Vec<Stored> {
    let shape = view.shape().to_vec();
    let columns = shape.last().copied().unwrap_or(0).max(1);
    let rows = shape.iter().product::<usize>() / columns;
    let tensor = |dtype, bytes| Stored {
        name: name.into(),
        dtype,
        shape: shape.clone(),
        bytes,
    };
    match precision {
        Precision::F32 => vec![tensor(view.dtype(), view.data().to_vec())],
        // Factors would take as much room as they save.
        Precision::I8 if rows > 4 => {
            let values = floats(view.data());
            let mut scale = vec![0f32; columns];
            for row in values.chunks(columns) {
                for (scale, value) in scale.iter_mut().zip(row) {
                    *scale = scale.max(value.abs() / 127.0);
                }
            }
            let whole = |(index, value): (usize, &f32)| {
                let scale = scale[index % columns];
                // A column of zeros has the factor 0. The cast cuts off what is out of range.
                (value / scale.max(f32::MIN_POSITIVE)).round() as i8 as u8
            };
            let integers = values.iter().enumerate().map(whole).collect();
            let factors = Stored {
                name: format!("scale.{name}"),
                dtype: Dtype::F32,
                shape: vec![columns],
                bytes: scale.iter().flat_map(|scale| scale.to_le_bytes()).collect(),
            };
            vec![tensor(Dtype::I8, integers), factors]
        }
        Precision::F16 | Precision::I8 => {
            let halves = floats(view.data());
            let halves = halves.into_iter().map(f16::from_f32);
            vec![tensor(
                Dtype::F16,
                halves.flat_map(f16::to_le_bytes).collect(),
            )]
        }
    }
}

/// Little-endian numbers of 16 bits.
pub(super) fn halves(bytes: &[u8]) -> Vec<f32> {
    let numbers = bytes.as_chunks::<2>().0.iter();
    numbers
        .map(|bytes| f16::from_le_bytes(*bytes).to_f32())
        .collect()
}

/// Whole numbers times the factors of their columns, if there is one for each.
pub(super) fn scaled(bytes: &[u8], scale: &[f32]) -> Option<Vec<f32>> {
    if scale.is_empty() || !bytes.len().is_multiple_of(scale.len()) {
        return None;
    }
    let numbers = bytes.iter().zip(scale.iter().cycle());
    Some(
        numbers
            .map(|(&byte, scale)| f32::from(byte as i8) * scale)
            .collect(),
    )
}
