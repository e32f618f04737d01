//! Looking at the token vectors that a network has learnt, and starting from vectors learnt elsewhere:
//! the same for every task that has a table of them.

use super::Task;
use crate::corpus::WordVectors;
use crate::device;
use crate::error::{Error, ErrorCode, Result};
use crate::nn::named_parameters;
use crate::tasks::ModelSummary;
use crate::text::{END, VectorSpace, Vocabulary};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// Most words listed or drawn at once.
const MOST_SHOWN: u32 = 500;

/// A network's table of token vectors, a row for each token of a vocabulary.
pub struct EmbeddingTable<'a> {
    /// What its tokens are, in the plural: "source words".
    pub name: &'static str,
    /// The layer that holds it, as the summary names it; its weight is `{layer}.weight`.
    pub layer: &'static str,
    pub vocabulary: &'a Vocabulary,
}

/// What the page says about a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct TableReport {
    /// What its tokens are, in the plural.
    pub name: String,
    /// Tokens, the special ones not counted.
    pub words: u32,
    /// Numbers in a vector.
    pub size: u32,
    /// How many of the words have a vector among those that are loaded to start from.
    #[tsify(optional)]
    pub shared: Option<u32>,
}

/// What is asked about a table, counted from 0 in the order of the task's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VectorsQuestion {
    /// The words whose vectors point most nearly the same way.
    Nearest {
        table: u32,
        word: String,
        count: u32,
    },
    /// The words nearest to `a − b + c`, these three left out.
    Analogy {
        table: u32,
        a: String,
        b: String,
        c: String,
        count: u32,
    },
    /// The most frequent words in two dimensions; `skip` leaves out the very first.
    Map { table: u32, skip: u32, count: u32 },
    /// All vectors as text.
    Save { table: u32 },
}

/// What a table answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VectorsAnswer {
    Words {
        /// The nearest first; none where a word that was asked about is not known.
        words: Vec<NearWord>,
        /// Words of the question that the table has no vector for.
        unknown: Vec<String>,
    },
    Map {
        places: Vec<Place>,
        /// The share of all differences between the words that each axis shows.
        #[tsify(type = "[number, number]")]
        variance: [f32; 2],
    },
    Save {
        /// In the text format of word2vec.
        text: String,
        words: u32,
    },
}

/// A word and how near it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct NearWord {
    pub word: String,
    /// The cosine of the angle between the vectors, 1 for the same direction.
    pub cosine: f32,
}

/// A word on the plane of the first two principal axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Place {
    pub word: String,
    pub x: f32,
    pub y: f32,
}

impl VectorsQuestion {
    fn table(&self) -> u32 {
        match *self {
            Self::Nearest { table, .. }
            | Self::Analogy { table, .. }
            | Self::Map { table, .. }
            | Self::Save { table } => table,
        }
    }
}

impl EmbeddingTable<'_> {
    /// The name of its weight in the network.
    pub fn weight(&self) -> String {
        format!("{}.weight", self.layer)
    }

    /// The row of a word, or of its lower-case form where only that is known.
    fn row(&self, word: &str) -> Option<usize> {
        let id = |word: &str| self.vocabulary.id(word).filter(|&id| id > END);
        id(word)
            .or_else(|| id(&word.to_lowercase()))
            .map(|id| id as usize)
    }

    /// The words with their rows, by falling frequency.
    pub fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        (END + 1..self.vocabulary.len() as u32).map(|id| (id as usize, self.vocabulary.token(id)))
    }

    /// The rows that loaded vectors have a vector for, with that vector.
    pub fn shared<'a>(
        &'a self,
        vectors: &'a WordVectors,
    ) -> impl Iterator<Item = (usize, &'a [f32])> {
        self.words()
            .filter_map(|(row, word)| Some((row, vectors.get(word)?)))
    }
}

/// The tables that a network of this shape has.
pub fn table_reports<T: Task>(
    task: &T,
    summary: &ModelSummary,
    vectors: Option<&WordVectors>,
) -> Vec<TableReport> {
    let report = |table: EmbeddingTable| {
        let layer = summary.layers.iter().find(|l| l.name == table.layer)?;
        Some(TableReport {
            name: table.name.into(),
            words: table.words().count() as u32,
            size: layer.parameters / table.vocabulary.len() as u32,
            shared: vectors.map(|vectors| table.shared(vectors).count() as u32),
        })
    };
    task.embeddings().into_iter().filter_map(report).collect()
}

/// Answers a question about the vectors of a network.
///
/// # Errors
/// [`ErrorCode::State`] for a table that the network does not have, [`ErrorCode::Device`] when the
/// device fails.
pub async fn look<T: Task>(
    task: &T,
    network: &T::Network,
    question: &VectorsQuestion,
) -> Result<VectorsAnswer> {
    let mut weights = named_parameters(network);
    let mut tables = task.embeddings();
    // Some settings make networks without some of the tables.
    tables.retain(|table| weights.iter().any(|weight| weight.name == table.weight()));
    let table = tables.get(question.table() as usize);
    let weight = table.and_then(|table| {
        let index = weights.iter().position(|w| w.name == table.weight())?;
        Some(weights.swap_remove(index))
    });
    let (Some(table), Some(weight)) = (table, weight) else {
        let message = "This network has no word vectors to look at.";
        return Err(Error::new(ErrorCode::State, message));
    };
    let size = weight.shape.last().copied().unwrap_or(1);
    let values = device::read(weight.values).await?;
    let space = VectorSpace::new(&values, size);
    Ok(match question {
        VectorsQuestion::Nearest { word, count, .. } => {
            near(table, &space, &[word], *count, |rows| {
                space.vector(rows[0]).to_vec()
            })
        }
        VectorsQuestion::Analogy { a, b, c, count, .. } => {
            near(table, &space, &[a, b, c], *count, |rows| {
                space.analogy(rows[0], rows[1], rows[2])
            })
        }
        VectorsQuestion::Map { skip, count, .. } => {
            let shown: Vec<(usize, &str)> = table
                .words()
                .skip(*skip as usize)
                .take((*count).min(MOST_SHOWN) as usize)
                .collect();
            let rows: Vec<usize> = shown.iter().map(|&(row, _)| row).collect();
            let plane = space.plane(&rows);
            let places = shown.iter().zip(&plane.points);
            VectorsAnswer::Map {
                places: places
                    .map(|(&(_, word), &[x, y])| Place {
                        word: word.into(),
                        x,
                        y,
                    })
                    .collect(),
                variance: plane.variance,
            }
        }
        VectorsQuestion::Save { .. } => {
            let (rows, words): (Vec<usize>, Vec<&str>) = table.words().unzip();
            let values: Vec<f32> = rows
                .iter()
                .flat_map(|&row| space.vector(row))
                .copied()
                .collect();
            let words = words.into_iter().map(String::from);
            let vectors = WordVectors::new(table.name, words, &values, size);
            VectorsAnswer::Save {
                text: vectors.write(),
                words: vectors.words().len() as u32,
            }
        }
    })
}

/// The words nearest to a direction that is made of the rows of these words, which are left out.
fn near(
    table: &EmbeddingTable,
    space: &VectorSpace,
    asked: &[&String],
    count: u32,
    direction: impl Fn(&[usize]) -> Vec<f32>,
) -> VectorsAnswer {
    let rows: Vec<usize> = asked.iter().filter_map(|word| table.row(word)).collect();
    let unknown = asked.iter().filter(|word| table.row(word).is_none());
    let unknown: Vec<String> = unknown.map(|word| word.to_string()).collect();
    if !unknown.is_empty() {
        let words = Vec::new();
        return VectorsAnswer::Words { words, unknown };
    }
    let count = count.min(MOST_SHOWN) as usize;
    let allowed = |row: usize| row > END as usize && !rows.contains(&row);
    let found = space.nearest(&direction(&rows), count, allowed);
    let words = found.into_iter().map(|(row, cosine)| NearWord {
        word: table.vocabulary.token(row as u32).into(),
        cosine,
    });
    VectorsAnswer::Words {
        words: words.collect(),
        unknown,
    }
}
