//! What a background sample says of the leaves of one tree.
//!
//! On the way to a leaf, a row goes *astray* on the columns by which some split sends it elsewhere. A
//! mixture of a row and a background row can reach the leaf when no column leads both astray; then
//! the columns that lead the one astray must come from the other (Lundberg et al. 2020). Background
//! rows that the same columns lead astray count alike, so that it is enough to know how many there
//! are of every kind. Below few columns there are also few combinations that can lead the row to
//! explain astray, and what follows from each is worked out beforehand.

use super::super::tree::{ColumnReading, Tree};
use super::interventional::order_share;

/// Columns on one way from the root to a leaf at most.
const MOST_COLUMNS: usize = 32;
/// Leaves of a tree at most: every row visits all of them.
const MOST_LEAVES: usize = 256;
/// Columns above a leaf at most for which answers are worked out.
const MOST_ANSWERED: usize = 9;

#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// For each node the bit of the column that it asks, 0 for a leaf. Bits are numbered anew on
    /// every way, in the order in which its columns come.
    bits: Vec<u32>,
    leaves: Vec<LeafTable>,
    /// Columns on the way to each leaf, in the order of their bits.
    columns: Vec<u32>,
    /// For each combination of columns that may lead a row astray, where among the leaf's parts
    /// those of the answer begin; [`NOTHING`] if no background row makes up for it.
    answers: Vec<u16>,
    /// What each column astray adds to a value, and then each of the others.
    parts: Vec<f64>,
    kinds: Vec<Kind>,
    weight: f64,
}

const NOTHING: u16 = u16::MAX;

/// A leaf, and the ends of what is known of it; it begins where that of the leaf before ends.
#[derive(Clone, Copy, Debug)]
struct LeafTable {
    node: u32,
    columns_end: u32,
    /// One answer per combination, or none.
    answers_end: u32,
    parts_end: u32,
    /// Without answers.
    kinds_end: u32,
}

/// Background rows that the same columns lead astray.
#[derive(Clone, Copy, Debug)]
struct Kind {
    astray: u32,
    rows: u32,
}

impl Table {
    /// With answers, where there are few columns, or without any; `None` for a tree that is too
    /// large.
    pub(super) fn new<R: AsRef<[f64]>>(
        tree: &Tree,
        background: &[R],
        readings: &[ColumnReading],
        with_answers: bool,
        shares: &Shares,
    ) -> Option<Self> {
        if tree.leaves() > MOST_LEAVES {
            return None;
        }
        let (bits, ways) = number(tree)?;
        let mut masks = vec![Vec::with_capacity(background.len()); tree.len()];
        let mut astray = Vec::new();
        for row in background {
            go_down(tree, &bits, row.as_ref(), readings, &mut astray);
            for (masks, mask) in masks.iter_mut().zip(&astray) {
                masks.push(*mask);
            }
        }
        let mut table = Self {
            bits,
            weight: 1.0 / background.len().max(1) as f64,
            ..Self::default()
        };
        for (node, (way, mut masks)) in ways.iter().zip(masks).enumerate() {
            if tree.nodes[node].left != 0 {
                continue;
            }
            masks.sort_unstable();
            let kinds = masks.chunk_by(|a, b| a == b).map(|alike| Kind {
                astray: alike[0],
                rows: alike.len() as u32,
            });
            if with_answers && way.len() <= MOST_ANSWERED {
                let kinds: Vec<Kind> = kinds.collect();
                table.answer(way.len(), tree.nodes[node].value, &kinds, shares);
            } else {
                table.kinds.extend(kinds);
            }
            table.columns.extend_from_slice(way);
            table.leaves.push(LeafTable {
                node: node as u32,
                columns_end: table.columns.len() as u32,
                answers_end: table.answers.len() as u32,
                parts_end: table.parts.len() as u32,
                kinds_end: table.kinds.len() as u32,
            });
        }
        table.shrink();
        Some(table)
    }

    fn shrink(&mut self) {
        self.columns.shrink_to_fit();
        self.answers.shrink_to_fit();
        self.parts.shrink_to_fit();
        self.kinds.shrink_to_fit();
    }

    /// Works out the answers of one leaf.
    fn answer(&mut self, columns: usize, value: f64, kinds: &[Kind], shares: &Shares) {
        let value = self.weight * value;
        let first = self.parts.len();
        for astray in 0..1 << columns {
            let Some(Division { loss, gains }) = Division::of(kinds, astray, shares) else {
                self.answers.push(NOTHING);
                continue;
            };
            // Not above 512 combinations of 10 parts.
            self.answers.push((self.parts.len() - first) as u16);
            self.parts.push(-value * loss);
            let others = (0..columns).filter(|bit| astray >> bit & 1 == 0);
            self.parts.extend(others.map(|bit| value * gains[bit]));
        }
    }

    pub(super) fn bits(&self) -> &[u32] {
        &self.bits
    }

    /// Bytes of the answers, and of everything else.
    pub(super) fn bytes(&self) -> (usize, usize) {
        let answers = size_of_val(&self.answers[..]) + size_of_val(&self.parts[..]);
        let ways = size_of_val(&self.bits[..]) + size_of_val(&self.columns[..]);
        let leaves = size_of_val(&self.leaves[..]) + size_of_val(&self.kinds[..]);
        (answers, ways + leaves)
    }

    /// Adds what a row's columns add to the tree's value; `astray` has for each node the columns
    /// that lead the row astray.
    pub(super) fn add(&self, tree: &Tree, astray: &[u32], shares: &Shares, values: &mut [f64]) {
        let (mut columns, mut answers, mut parts, mut kinds) = (0, 0, 0, 0);
        for leaf in &self.leaves {
            let node = leaf.node as usize;
            let astray = astray[node];
            let way = &self.columns[columns..leaf.columns_end as usize];
            let answers_here = &self.answers[answers..leaf.answers_end as usize];
            match answers_here.get(astray as usize) {
                Some(&NOTHING) => {}
                Some(&start) => add_parts(
                    way,
                    &self.parts[parts + usize::from(start)..],
                    astray,
                    values,
                ),
                None => {
                    let met = &self.kinds[kinds..leaf.kinds_end as usize];
                    let value = self.weight * tree.nodes[node].value;
                    if let Some(division) = Division::of(met, astray, shares) {
                        division.add(way, astray, value, values);
                    }
                }
            }
            columns = leaf.columns_end as usize;
            answers = leaf.answers_end as usize;
            parts = leaf.parts_end as usize;
            kinds = leaf.kinds_end as usize;
        }
    }
}

#[inline]
fn add_parts(way: &[u32], parts: &[f64], astray: u32, values: &mut [f64]) {
    let mut next = 0;
    for (bit, &column) in way.iter().enumerate() {
        // Without a branch, which nobody could predict.
        let other = (!astray >> bit & 1) as usize;
        next += other;
        values[column as usize] += parts[next * other];
    }
}

/// How a leaf's value is divided.
struct Division {
    /// What each column loses that leads the row itself astray.
    loss: f64,
    /// What each column gains that leads background rows astray, by bit.
    gains: [f64; MOST_COLUMNS],
}

impl Division {
    /// `None` if no mixture reaches the leaf.
    fn of(kinds: &[Kind], astray: u32, shares: &Shares) -> Option<Self> {
        let other = astray.count_ones();
        let mut all = Self {
            loss: 0.0,
            gains: [0.0; MOST_COLUMNS],
        };
        let mut any = false;
        for kind in kinds.iter().filter(|kind| kind.astray & astray == 0) {
            any = true;
            let own = kind.astray.count_ones();
            let rows = f64::from(kind.rows);
            all.loss += rows * shares.of(other, own);
            let gain = rows * shares.of(own, other);
            let mut left = kind.astray;
            while left != 0 {
                all.gains[left.trailing_zeros() as usize] += gain;
                left &= left - 1;
            }
        }
        any.then_some(all)
    }

    fn add(&self, way: &[u32], astray: u32, value: f64, values: &mut [f64]) {
        for ((bit, &column), gain) in way.iter().enumerate().zip(self.gains) {
            let lost = astray >> bit & 1 == 1;
            values[column as usize] += value * if lost { -self.loss } else { gain };
        }
    }
}

/// For each node the bit of the column that it asks, and the columns above it in the order of their
/// bits; `None` when there are more than there are bits.
fn number(tree: &Tree) -> Option<(Vec<u32>, Vec<Vec<u32>>)> {
    let mut bits = vec![0; tree.len()];
    let mut ways = vec![Vec::new(); tree.len()];
    for (i, node) in tree.nodes.iter().enumerate() {
        if node.left == 0 {
            continue;
        }
        let mut way: Vec<u32> = std::mem::take(&mut ways[i]);
        let known = way.iter().position(|&column| column == node.column);
        let place = known.unwrap_or(way.len());
        if place == MOST_COLUMNS {
            return None;
        }
        if known.is_none() {
            way.push(node.column);
        }
        bits[i] = 1 << place;
        ways[node.left as usize].clone_from(&way);
        ways[node.left as usize + 1] = way;
    }
    Some((bits, ways))
}

/// For each node, the columns that lead a row astray on the way to it.
pub(super) fn go_down(
    tree: &Tree,
    bits: &[u32],
    row: &[f64],
    readings: &[ColumnReading],
    astray: &mut Vec<u32>,
) {
    astray.clear();
    astray.resize(tree.len(), 0);
    // Children come after their parents.
    for node in 0..tree.len() {
        if let Some(taken) = tree.next(node, row, readings) {
            let left = tree.nodes[node].left as usize;
            let so_far = astray[node];
            astray[left] = so_far | bits[node];
            astray[left + 1] = so_far | bits[node];
            astray[taken] = so_far;
        }
    }
}

/// Shares of a leaf's value by the number of columns that must come from either row.
#[derive(Clone, Debug)]
pub(super) struct Shares(Vec<f64>);

impl Shares {
    pub(super) fn new() -> Self {
        let numbers = 0..=MOST_COLUMNS;
        let share = |with, without| match with {
            0 => 0.0,
            _ => order_share(with, without),
        };
        let row = |with| numbers.clone().map(move |without| share(with, without));
        Self(numbers.clone().flat_map(row).collect())
    }

    #[inline]
    fn of(&self, with: u32, without: u32) -> f64 {
        self.0[with as usize * (MOST_COLUMNS + 1) + without as usize]
    }
}
