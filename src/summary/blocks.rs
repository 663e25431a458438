//! A long list of 64-bit words in few bytes.

/// Words of one block: enough for the cost of a block not to matter, few enough to be packed in passing.
const BLOCK: usize = 2048;

/// The most different words that one byte tells apart.
const CODES: usize = 256;

/// A list that only grows.
///
/// Full blocks of 2,048 words are packed: into one word where all are the same, into a byte each where there are
/// at most 256 different ones, and as they are otherwise. So a word takes at most eight bytes, one in a list of few
/// different words little more than one, and one in a list of equal words next to none. Nothing that is full is
/// ever moved, so the list does not need its size twice when it grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Blocks {
    full: Vec<Block>,
    open: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Block {
    Same(u64),
    Coded(Box<Coded>),
    Plain(Box<[u64]>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Coded {
    /// In ascending order.
    words: Box<[u64]>,
    codes: Box<[u8]>,
}

impl Block {
    fn pack(words: &[u64]) -> Self {
        if words.iter().all(|word| *word == words[0]) {
            return Self::Same(words[0]);
        }
        // Where a quarter holds too many different words, the whole need not be sorted to know it.
        if different(&words[..BLOCK / 4]).len() > CODES {
            return Self::Plain(words.into());
        }
        let found = different(words);
        if found.len() > CODES {
            return Self::Plain(words.into());
        }
        let code = |word: &u64| found.binary_search(word).expect("every word was found") as u8;
        let codes = words.iter().map(code).collect();
        Self::Coded(Box::new(Coded { words: found.into(), codes }))
    }

    fn word(&self, index: usize) -> u64 {
        match self {
            Self::Same(word) => *word,
            Self::Coded(coded) => coded.words[usize::from(coded.codes[index])],
            Self::Plain(words) => words[index],
        }
    }

    fn allocated(&self) -> usize {
        match self {
            Self::Same(_) => 0,
            Self::Coded(coded) => {
                size_of::<Coded>() + size_of_val(&*coded.words) + size_of_val(&*coded.codes)
            }
            Self::Plain(words) => size_of_val(&**words),
        }
    }
}

/// Every word that occurs, once, in ascending order.
fn different(words: &[u64]) -> Vec<u64> {
    let mut found = words.to_vec();
    found.sort_unstable();
    found.dedup();
    found
}

impl Blocks {
    pub(super) fn push(&mut self, word: u64) {
        self.open.push(word);
        if self.open.len() == BLOCK {
            self.full.push(Block::pack(&self.open));
            self.open.clear();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.full.len() * BLOCK + self.open.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<u64> {
        let (block, within) = (index / BLOCK, index % BLOCK);
        match self.full.get(block) {
            Some(block) => Some(block.word(within)),
            None => self.open.get(index - self.full.len() * BLOCK).copied(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        let full = self.full.iter().flat_map(|block| (0..BLOCK).map(move |index| block.word(index)));
        full.chain(self.open.iter().copied())
    }

    /// Bytes on the heap.
    pub(super) fn allocated(&self) -> usize {
        let blocks: usize = self.full.iter().map(Block::allocated).sum();
        self.full.capacity() * size_of::<Block>() + self.open.capacity() * size_of::<u64>() + blocks
    }
}

impl Extend<u64> for Blocks {
    fn extend<I: IntoIterator<Item = u64>>(&mut self, words: I) {
        words.into_iter().for_each(|word| self.push(word));
    }
}

impl FromIterator<u64> for Blocks {
    fn from_iter<I: IntoIterator<Item = u64>>(words: I) -> Self {
        let mut blocks = Self::default();
        blocks.extend(words);
        blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_put_in_comes_out(
            stretches in prop::collection::vec((0_usize..3_000, 0_u64..400, any::<u64>()), 0..6),
        ) {
            // Stretches of equal, of few different, and of all different words.
            let words: Vec<u64> = stretches
                .iter()
                .flat_map(|&(length, kinds, first)| {
                    (0..length as u64).map(move |i| first.wrapping_add((i * 7919) % (kinds * kinds + 1)))
                })
                .collect();
            let blocks: Blocks = words.iter().copied().collect();
            prop_assert_eq!(blocks.len(), words.len());
            prop_assert_eq!(blocks.iter().collect::<Vec<_>>(), words.clone());
            for (index, word) in words.iter().enumerate() {
                prop_assert_eq!(blocks.get(index), Some(*word));
            }
            prop_assert_eq!(blocks.get(words.len()), None);
        }
    }

    #[test]
    fn a_word_takes_eight_bytes_at_most_and_next_to_none_where_all_are_the_same() {
        const N: usize = 100 * BLOCK;
        let bytes = |word: fn(u64) -> u64| {
            let blocks: Blocks = (0..N as u64).map(word).collect();
            blocks.allocated() as f64 / N as f64
        };
        assert!(bytes(|i| i) < 8.2, "{}", bytes(|i| i));
        assert!(bytes(|i| i % 200) < 2.1, "{}", bytes(|i| i % 200));
        assert!(bytes(|i| i % 3) < 1.2, "{}", bytes(|i| i % 3));
        assert!(bytes(|_| 7) < 0.12, "{}", bytes(|_| 7));
    }
}
