//! Matrix products, after Goto and van de Geijn (2008): both factors are copied into panels that
//! the inner loop reads from end to end, and that loop keeps a tile of the result in registers.

use super::lanes::{Four, LANES, fill_up, in_fours, load, splat};
use wide::f32x4;

/// Rows of a tile of the result.
const ROWS: usize = 4;
/// Columns of a tile of the result: two vectors.
const COLUMNS: usize = 2 * LANES;
/// Terms of each sum that one pass adds up: a panel of `DEPTH·COLUMNS` numbers stays in the L1
/// cache.
const DEPTH: usize = 256;
/// Rows that are packed at a time: `HEIGHT·DEPTH` numbers stay in the L2 cache.
const HEIGHT: usize = 64;
/// Columns that are packed at a time where the right factor is used only once.
const WIDTH: usize = 512;

/// A matrix that lies in a slice, by rows or, transposed, by columns.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    /// From one row to the next, or from one column to the next where `transposed`.
    stride: usize,
    /// Columns rather than rows are contiguous.
    transposed: bool,
}

impl<'a> View<'a> {
    /// A row-major matrix without gaps.
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// A row-major matrix whose rows begin `stride` numbers apart.
    pub fn strided(data: &'a [f32], rows: usize, columns: usize, stride: usize) -> Self {
        Self {
            data,
            rows,
            columns,
            stride,
            transposed: false,
        }
    }

    /// The same numbers with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            transposed: !self.transposed,
            ..self
        }
    }

    /// At most `count` rows from `first` on.
    pub(super) fn row_block(self, first: usize, count: usize) -> Self {
        let step = if self.transposed { 1 } else { self.stride };
        Self {
            data: &self.data[first * step..],
            rows: count.min(self.rows - first),
            ..self
        }
    }

    /// At most `count` columns from `first` on.
    fn column_block(self, first: usize, count: usize) -> Self {
        self.transposed().row_block(first, count).transposed()
    }

    fn at(&self, row: usize, column: usize) -> f32 {
        let (outer, inner) = if self.transposed {
            (column, row)
        } else {
            (row, column)
        };
        self.data[outer * self.stride + inner]
    }

    /// What is contiguous: row `index`, or column `index` where transposed.
    fn line(&self, index: usize) -> &'a [f32] {
        let length = if self.transposed {
            self.rows
        } else {
            self.columns
        };
        &self.data[index * self.stride..][..length]
    }
}

/// `c = a·b`, where `c` `[a.rows, b.columns]` has rows `stride` apart.
pub fn multiply(a: View, b: View, c: &mut [f32], stride: usize) {
    for row in c.chunks_mut(stride).take(a.rows) {
        row[..b.columns].fill(0.0);
    }
    multiply_add(a, b, c, stride);
}

/// `c += a·b`, where `c` `[a.rows, b.columns]` has rows `stride` apart.
pub fn multiply_add(a: View, b: View, c: &mut [f32], stride: usize) {
    if a.rows < ROWS {
        return multiply_few(a, b, c, stride);
    }
    let mut panels = Vec::new();
    for column in (0..b.columns).step_by(WIDTH) {
        for term in (0..b.rows).step_by(DEPTH) {
            let block = b.row_block(term, DEPTH).column_block(column, WIDTH);
            pack(block.transposed(), &mut panels);
            let a = a.column_block(term, DEPTH);
            multiply_panels(a, &panels, block.columns, &mut c[column..], stride);
        }
    }
}

/// A right factor that is packed once for many products.
#[derive(Debug)]
pub struct Packed<'a> {
    matrix: View<'a>,
    /// `DEPTH` rows each.
    blocks: Vec<Vec<[f32; COLUMNS]>>,
}

impl<'a> Packed<'a> {
    /// Packs `matrix` for products with left factors of `rows` rows; for too few it stays as it is.
    pub fn new(matrix: View<'a>, rows: usize) -> Self {
        let count = if rows < ROWS { 0 } else { matrix.rows };
        let blocks = (0..count).step_by(DEPTH).map(|term| {
            let mut panels = Vec::new();
            pack(matrix.row_block(term, DEPTH).transposed(), &mut panels);
            panels
        });
        Self {
            matrix,
            blocks: blocks.collect(),
        }
    }

    /// `c += a·self`, where `c` `[a.rows, columns]` has no gaps.
    pub fn multiply_add(&self, a: View, c: &mut [f32]) {
        let columns = self.matrix.columns;
        if self.blocks.is_empty() {
            return multiply_few(a, self.matrix, c, columns);
        }
        for (index, panels) in self.blocks.iter().enumerate() {
            let a = a.column_block(index * DEPTH, DEPTH);
            multiply_panels(a, panels, columns, c, columns);
        }
    }
}

/// Copies a matrix into panels of `W` rows, column after column, zeros past the last row.
fn pack<const W: usize>(matrix: View, panels: &mut Vec<[f32; W]>) {
    let depth = matrix.columns;
    panels.clear();
    panels.resize(matrix.rows.div_ceil(W) * depth, [0.0; W]);
    for (index, panel) in panels.chunks_exact_mut(depth).enumerate() {
        let block = matrix.row_block(index * W, W);
        if !block.transposed {
            for row in 0..block.rows {
                for (column, &value) in panel.iter_mut().zip(block.line(row)) {
                    column[row] = value;
                }
            }
        } else {
            for (index, column) in panel.iter_mut().enumerate() {
                let line = block.line(index);
                match line.first_chunk() {
                    Some(full) => *column = *full,
                    None => column[..line.len()].copy_from_slice(line),
                }
            }
        }
    }
}

/// `c += a·b`, where the panels hold the `columns` columns of `b`.
fn multiply_panels(
    a: View,
    panels: &[[f32; COLUMNS]],
    columns: usize,
    c: &mut [f32],
    stride: usize,
) {
    let depth = a.columns;
    let mut left = Vec::new();
    for first in (0..a.rows).step_by(HEIGHT) {
        let block = a.row_block(first, HEIGHT);
        pack(block, &mut left);
        for (b, column) in panels.chunks_exact(depth).zip((0..).step_by(COLUMNS)) {
            let width = COLUMNS.min(columns - column);
            for (a, row) in left.chunks_exact(depth).zip((0..).step_by(ROWS)) {
                let height = ROWS.min(block.rows - row);
                let tile = &mut c[(first + row) * stride + column..];
                let sums = multiply_tile(a, b);
                if height == ROWS && width == COLUMNS {
                    add_tile(sums, tile, stride);
                } else {
                    add_corner(&sums, tile, stride, height, width);
                }
            }
        }
    }
}

/// A tile of the result.
type Tile = [[f32x4; 2]; ROWS];

/// The product of two panels. Written out row by row: the compiler, which is asked for small code,
/// would keep a tile behind a loop in memory.
#[inline(always)]
fn multiply_tile(a: &[[f32; ROWS]], b: &[[f32; COLUMNS]]) -> Tile {
    let mut tile = Tile::default();
    for (a, b) in a.iter().zip(b) {
        let (b, _) = b.as_chunks();
        let b = [f32x4::new(b[0]), f32x4::new(b[1])];
        multiply_row(&mut tile[0], a[0], b);
        multiply_row(&mut tile[1], a[1], b);
        multiply_row(&mut tile[2], a[2], b);
        multiply_row(&mut tile[3], a[3], b);
    }
    tile
}

#[inline(always)]
fn multiply_row(sums: &mut [f32x4; 2], a: f32, b: [f32x4; 2]) {
    let a = splat(a);
    sums[0] = a.mul_add(b[0], sums[0]);
    sums[1] = a.mul_add(b[1], sums[1]);
}

/// Adds a whole tile to the result.
#[inline(always)]
fn add_tile(tile: Tile, c: &mut [f32], stride: usize) {
    add_row(tile[0], &mut c[..COLUMNS]);
    add_row(tile[1], &mut c[stride..][..COLUMNS]);
    add_row(tile[2], &mut c[2 * stride..][..COLUMNS]);
    add_row(tile[3], &mut c[3 * stride..][..COLUMNS]);
}

/// Adds the part of a tile that lies inside the result.
#[cold]
#[inline(never)]
fn add_corner(tile: &Tile, c: &mut [f32], stride: usize, height: usize, width: usize) {
    for (sums, row) in tile.iter().zip(c.chunks_mut(stride)).take(height) {
        let sums = sums.map(f32x4::to_array);
        for (c, sum) in row[..width].iter_mut().zip(sums.as_flattened()) {
            *c += sum;
        }
    }
}

#[inline(always)]
fn add_row(sums: [f32x4; 2], c: &mut [f32]) {
    let (c, _) = c.as_chunks_mut();
    c[0] = (load(&c[0]) + sums[0]).to_array();
    c[1] = (load(&c[1]) + sums[1]).to_array();
}

/// `c += a·b` for a few rows, too few to pay for packing: each reads all of `b` where it lies.
fn multiply_few(a: View, b: View, c: &mut [f32], stride: usize) {
    for (row, c) in c.chunks_mut(stride).take(a.rows).enumerate() {
        let c = &mut c[..b.columns];
        let factors: Vec<f32> = (0..a.columns).map(|term| a.at(row, term)).collect();
        if b.transposed {
            for (column, c) in c.iter_mut().enumerate() {
                *c += dot(&factors, b.line(column));
            }
        } else {
            let (fours, rest) = factors.as_chunks();
            for (index, &four) in fours.iter().enumerate() {
                let lines = [0, 1, 2, 3].map(|term| b.line(index * LANES + term));
                add_scaled(c, four, lines);
            }
            for (index, &factor) in rest.iter().enumerate() {
                let line = b.line(fours.len() * LANES + index);
                for (sum, term) in c.iter_mut().zip(line) {
                    *sum += factor * term;
                }
            }
        }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks(), b.as_chunks());
    let rest = load(&fill_up(a_rest)) * load(&fill_up(b_rest));
    let terms = a.iter().zip(b);
    let sum = terms.fold(rest, |sum, (a, b)| load(a).mul_add(load(b), sum));
    sum.reduce_add()
}

/// `sums += Σ factors[n]·lines[n]`
fn add_scaled(sums: &mut [f32], factors: Four, lines: [&[f32]; LANES]) {
    let [f0, f1, f2, f3] = factors;
    let [f0, f1, f2, f3] = [splat(f0), splat(f1), splat(f2), splat(f3)];
    in_fours(lines, [sums], |[a, b, c, d], [sums]| {
        for n in 0..sums.len() {
            let first = load(&a[n]) * f0 + load(&b[n]) * f1;
            let second = load(&c[n]) * f2 + load(&d[n]) * f3;
            sums[n] = (load(&sums[n]) + (first + second)).to_array();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(count: usize) -> Vec<f32> {
        (0..count).map(|n| (n * 37 % 23) as f32 - 11.0).collect()
    }

    /// Small whole numbers: every sum is exact.
    #[test]
    fn products_of_all_shapes() {
        let shapes = [
            [1, 1, 1],
            [2, 5, 9],
            [3, 0, 2],
            [4, 0, 3],
            [5, 3, 7],
            [13, 300, 17],
            [70, 20, 530],
        ];
        for [m, k, n] in shapes {
            let (a, b) = (matrix(m * k), matrix(k * n));
            let by_rows = [View::new(&a, m, k), View::new(&b, k, n)];
            let by_columns = [
                View::new(&a, k, m).transposed(),
                View::new(&b, n, k).transposed(),
            ];
            for a in [by_rows[0], by_columns[0]] {
                for b in [by_rows[1], by_columns[1]] {
                    check(a, b);
                }
            }
        }
    }

    fn check(a: View, b: View) {
        let (m, n) = (a.rows, b.columns);
        let stride = n + 3;
        let right = |row, column| -> f32 {
            let terms = (0..a.columns).map(|term| a.at(row, term) * b.at(term, column));
            terms.sum()
        };
        let mut gaps = vec![1.0; m * stride];
        multiply(a, b, &mut gaps, stride);
        let mut packed = vec![1.0; m * n];
        Packed::new(b, m).multiply_add(a, &mut packed);
        for row in 0..m {
            for column in 0..stride {
                let expected = if column < n { right(row, column) } else { 1.0 };
                assert_eq!(gaps[row * stride + column], expected);
            }
            for column in 0..n {
                assert_eq!(packed[row * n + column], right(row, column) + 1.0);
            }
        }
    }
}
