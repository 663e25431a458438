//! A bucket calendar over whole milliseconds, with coarser tiers for what is far off.
//!
//! The millisecond of an instant, read as digits, names a bucket in each tier:
//! ```text
//! lanes     1 ms × phase    within the present 256 ms
//! near      256 ms          within the present 2^20 ms (17 min)
//! far       2^20 ms         within the present 2^30 ms (12 days)
//! distant   2^30 ms         within the present 2^42 ms (139 years)
//! beyond    one list        later still
//! ```
//! An event goes to the finest tier whose present span holds it and, when its
//! bucket's span becomes the present one, moves down with the rest of the bucket.
//!
//! **Order.** A bucket is a queue, moving down keeps its order, and everything that
//! was scheduled into a span before it became present moves down before anything can
//! be scheduled into its finer buckets. So every lane, which is one phase of one
//! millisecond, is in order of scheduling, and no sequence number is stored or compared.
//!
//! **Cost.** An event moves once for each tier it passes, at most four times and mostly
//! once, whatever is pending: nothing is sorted, and empty buckets are skipped 64 at a
//! time. There is no bucket width to guess, so bursts and droughts cost alike.
//!
//! Unlike the calendar queue of Brown (1988) it never resizes; it is nearer to the
//! hierarchical timing wheels of Varghese and Lauck (1987), with FIFO kept.

use super::{Next, Phase};
use crate::engine::time::SimTime;

/// Logarithms of the milliseconds that the tiers' present spans cover.
const LANES_SPAN: u32 = 8;
const NEAR_SPAN: u32 = 20;
const FAR_SPAN: u32 = 30;
const DISTANT_SPAN: u32 = 42;

/// Bits of the phase, below the millisecond, in an entry's place and a lane's index.
const PHASE_BITS: u32 = 2;
const PHASES: usize = 1 << PHASE_BITS;
const LANES: usize = PHASES << LANES_SPAN;

/// An event and its place within its bucket: milliseconds from the bucket's start, then the phase.
#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    place: u32,
    event: E,
}

/// What an event of 12 bytes takes, for the test that holds it.
#[cfg(test)]
pub(super) const ENTRY_BYTES: usize = size_of::<Entry<[u32; 3]>>();

/// Entries of a chunk: with a 12-byte event a chunk is four cache lines.
const CHUNK: u32 = 16;

/// A stretch of a bucket; a line's alignment keeps neighbouring chunks off each other's cache lines.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Chunk<E> {
    entries: [Entry<E>; CHUNK as usize],
}

/// A queue of entries in chunks of a [`Pool`].
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// The last chunk; it links back to the first.
    tail: u32,
    /// Entries ever put in since the bucket was last empty.
    len: u32,
}

/// The chunks of all buckets, and which of them are free.
#[derive(Clone, Debug)]
struct Pool<E> {
    chunks: Vec<Chunk<E>>,
    /// The chunk after each in its bucket, or in the stack of free ones.
    after: Vec<u32>,
    /// Top of the stack of freed chunks; the one freed last is the one still in cache.
    free: u32,
    /// Chunks that have been in use since the last reset.
    touched: u32,
}

/// End of the stack of free chunks.
const NO_CHUNK: u32 = u32::MAX;

impl<E: Copy> Pool<E> {
    const fn new() -> Self {
        Self { chunks: Vec::new(), after: Vec::new(), free: NO_CHUNK, touched: 0 }
    }

    fn reset(&mut self, expected_pending: usize) {
        let chunks = expected_pending.div_ceil(CHUNK as usize);
        self.chunks.reserve(chunks.saturating_sub(self.chunks.len()));
        self.after.reserve(chunks.saturating_sub(self.after.len()));
        self.free = NO_CHUNK;
        self.touched = 0;
    }

    fn push(&mut self, bucket: &mut Bucket, entry: Entry<E>) {
        let place = bucket.len % CHUNK;
        if place == 0 {
            let chunk = self.take(entry);
            let first = if bucket.len == 0 {
                chunk
            } else {
                std::mem::replace(&mut self.after[bucket.tail as usize], chunk)
            };
            self.after[chunk as usize] = first;
            bucket.tail = chunk;
        }
        self.chunks[bucket.tail as usize].entries[place as usize] = entry;
        bucket.len += 1;
    }

    /// A chunk nobody uses; `filler` stands in it where a new one must be made.
    fn take(&mut self, filler: Entry<E>) -> u32 {
        let chunk = self.free;
        if chunk != NO_CHUNK {
            self.free = self.after[chunk as usize];
            return chunk;
        }
        let chunk = self.touched;
        self.touched += 1;
        if chunk as usize == self.chunks.len() {
            self.grow(filler);
        }
        chunk
    }

    #[cold]
    fn grow(&mut self, filler: Entry<E>) {
        self.chunks.push(Chunk { entries: [filler; CHUNK as usize] });
        self.after.push(NO_CHUNK);
    }

    fn give_back(&mut self, chunk: u32) {
        self.after[chunk as usize] = self.free;
        self.free = chunk;
    }

    /// The entry after the first `read` of a bucket whose chunks before it have been given back.
    fn entry(&self, bucket: Bucket, read: u32) -> E {
        let first = self.after[bucket.tail as usize];
        self.chunks[first as usize].entries[(read % CHUNK) as usize].event
    }

    /// Gives back the first chunk of a bucket that has more.
    fn drop_first(&mut self, bucket: Bucket) {
        let first = self.after[bucket.tail as usize];
        self.after[bucket.tail as usize] = self.after[first as usize];
        self.give_back(first);
    }

    /// The least place in a bucket that is not empty.
    fn least_place(&self, bucket: Bucket) -> u32 {
        let mut least = u32::MAX;
        let mut left = bucket.len;
        let mut chunk = bucket.tail;
        while left > 0 {
            chunk = self.after[chunk as usize];
            let here = left.min(CHUNK);
            for entry in &self.chunks[chunk as usize].entries[..here as usize] {
                least = least.min(entry.place);
            }
            left -= here;
        }
        least
    }

    /// Moves a whole bucket down into a finer tier, whose buckets span 2^`span` places; of each
    /// chunk, all events are shown to `foresee` first.
    fn spill<const N: usize>(
        &mut self,
        bucket: Bucket,
        span: u32,
        tier: &mut Tier<N>,
        foresee: &mut impl FnMut(E),
    ) {
        let mut left = bucket.len;
        let mut chunk = self.after[bucket.tail as usize];
        while left > 0 {
            let here = left.min(CHUNK);
            for entry in &self.chunks[chunk as usize].entries[..here as usize] {
                foresee(entry.event);
            }
            for i in 0..here as usize {
                let Entry { place, event } = self.chunks[chunk as usize].entries[i];
                let index = (place >> span) as usize;
                tier.push(self, index, Entry { place: place & ((1 << span) - 1), event });
            }
            let after = self.after[chunk as usize];
            self.give_back(chunk);
            left -= here;
            chunk = after;
        }
    }
}

/// Which of up to 4096 buckets hold anything.
#[derive(Clone, Debug)]
struct Occupied {
    /// Which words are not zero.
    summary: u64,
    words: [u64; 64],
}

impl Occupied {
    const NONE: Self = Self { summary: 0, words: [0; 64] };

    fn set(&mut self, index: usize) {
        let word = index / 64 % 64;
        self.words[word] |= 1 << (index % 64);
        self.summary |= 1 << word;
    }

    fn clear(&mut self, index: usize) {
        let word = index / 64 % 64;
        self.words[word] &= !(1 << (index % 64));
        if self.words[word] == 0 {
            self.summary &= !(1 << word);
        }
    }

    fn first(&self) -> Option<usize> {
        if self.summary == 0 {
            return None;
        }
        let word = self.summary.trailing_zeros() as usize % 64;
        Some(word * 64 + self.words[word].trailing_zeros() as usize)
    }
}

/// Buckets of one width, of which the present span of the tier has `N`, a power of two.
#[derive(Clone, Debug)]
struct Tier<const N: usize> {
    occupied: Occupied,
    buckets: Box<[Bucket; N]>,
}

impl<const N: usize> Tier<N> {
    fn new() -> Self {
        let buckets = vec![Bucket::default(); N].into_boxed_slice();
        Self { occupied: Occupied::NONE, buckets: buckets.try_into().expect("made with N elements") }
    }

    fn push<E: Copy>(&mut self, pool: &mut Pool<E>, index: usize, entry: Entry<E>) {
        let index = index % N;
        self.occupied.set(index);
        pool.push(&mut self.buckets[index], entry);
    }

    /// Empties a bucket for whoever takes its chunks.
    fn take(&mut self, index: usize) -> Bucket {
        self.occupied.clear(index);
        std::mem::take(&mut self.buckets[index % N])
    }

    fn reset(&mut self) {
        while let Some(index) = self.occupied.first() {
            self.take(index);
        }
    }
}

/// An event for the list of what no tier's span holds.
#[derive(Clone, Copy, Debug)]
struct Beyond<E> {
    at: u64,
    phase: Phase,
    event: E,
}

#[derive(Clone, Debug)]
pub(super) struct Calendar<E> {
    pool: Pool<E>,
    lanes: Tier<LANES>,
    near: Tier<4096>,
    far: Tier<1024>,
    distant: Tier<4096>,
    beyond: Vec<Beyond<E>>,
    /// Start of the 256 ms that the lanes stand for.
    start: u64,
    /// The instant of the last event taken, always within the lanes' span.
    now: u64,
    /// How far the lanes of the present instant have been read, by phase; those of other instants have not.
    read: [u32; PHASES],
    /// A decision for the present instant, before all that its lane holds. Models wake their deciders
    /// at nearly every instant, and one that waits here passes no bucket.
    decision: Option<E>,
    /// The lane that was advanced to, or [`DECISION`].
    lane: usize,
}

/// Stands for the lane of what waits outside the lanes.
const DECISION: usize = LANES;

/// The bucket that comes next, while the lanes are empty.
struct Upcoming {
    bucket: Bucket,
    index: usize,
    start: u64,
    /// Logarithm of the bucket's width.
    width: u32,
}

impl<E: Copy> Calendar<E> {
    pub(super) fn new() -> Self {
        Self {
            pool: Pool::new(),
            lanes: Tier::new(),
            near: Tier::new(),
            far: Tier::new(),
            distant: Tier::new(),
            beyond: Vec::new(),
            start: 0,
            now: 0,
            read: [0; PHASES],
            decision: None,
            lane: 0,
        }
    }

    pub(super) fn reset(&mut self, expected_pending: usize) {
        self.lanes.reset();
        self.near.reset();
        self.far.reset();
        self.distant.reset();
        self.beyond.clear();
        self.pool.reset(expected_pending);
        self.start = 0;
        self.now = 0;
        self.read = [0; PHASES];
        self.decision = None;
    }

    pub(super) fn push(&mut self, at: SimTime, phase: Phase, event: E) {
        let at = at.as_ms();
        if at == self.now && phase == Phase::Decide && self.decision.is_none() && self.is_clear(phase) {
            self.decision = Some(event);
        } else {
            self.file(at, phase, event);
        }
    }

    fn file(&mut self, at: u64, phase: Phase, event: E) {
        let apart = at ^ self.now;
        let place = |width: u32| Entry {
            place: ((at & ((1 << width) - 1)) << PHASE_BITS) as u32 | phase as u32,
            event,
        };
        if apart < 1 << LANES_SPAN {
            let entry = place(LANES_SPAN);
            self.lanes.push(&mut self.pool, entry.place as usize, entry);
        } else if apart < 1 << NEAR_SPAN {
            self.near.push(&mut self.pool, (at >> LANES_SPAN) as usize, place(LANES_SPAN));
        } else if apart < 1 << FAR_SPAN {
            self.far.push(&mut self.pool, (at >> NEAR_SPAN) as usize, place(NEAR_SPAN));
        } else if apart < 1 << DISTANT_SPAN {
            self.distant.push(&mut self.pool, (at >> FAR_SPAN) as usize, place(FAR_SPAN));
        } else {
            self.beyond.push(Beyond { at, phase, event });
        }
    }

    /// Whether the present instant's lane of a phase is empty.
    fn is_clear(&self, phase: Phase) -> bool {
        let lane = ((self.now - self.start) << PHASE_BITS) as usize | phase as usize;
        self.lanes.buckets[lane % LANES].len == 0
    }

    /// The instant of the next event.
    pub(super) fn next_at(&self) -> Option<SimTime> {
        let ms = if self.decision.is_some() {
            self.now
        } else if let Some(lane) = self.lanes.occupied.first() {
            self.start + (lane >> PHASE_BITS) as u64
        } else if let Some(Upcoming { bucket, start, .. }) = self.upcoming() {
            start + u64::from(self.pool.least_place(bucket) >> PHASE_BITS)
        } else {
            self.beyond.iter().map(|event| event.at).min()?
        };
        Some(SimTime::from_ms(ms))
    }

    /// Moves to the instant of the next event unless that is later than `until`; `foresee` is shown
    /// what comes into the lanes.
    pub(super) fn advance(&mut self, until: SimTime, mut foresee: impl FnMut(E)) -> Next {
        if self.decision.is_some() && self.is_clear(Phase::Fact) {
            self.lane = DECISION;
            return Next::Ready { at: SimTime::from_ms(self.now), phase: Phase::Decide };
        }
        loop {
            if let Some(lane) = self.lanes.occupied.first() {
                let at = self.start + (lane >> PHASE_BITS) as u64;
                if at > until.as_ms() {
                    return Next::Later;
                }
                self.now = at;
                self.lane = lane;
                return Next::Ready { at: SimTime::from_ms(at), phase: Phase::from_bits(lane as u32) };
            }
            if let Some(nothing) = self.move_down(until.as_ms(), &mut foresee) {
                return nothing;
            }
        }
    }

    /// Takes the event that the calendar has just advanced to.
    pub(super) fn take(&mut self) -> E {
        if self.lane == DECISION {
            return self.decision.take().expect("it was advanced to");
        }
        let bucket = &mut self.lanes.buckets[self.lane % LANES];
        let read = &mut self.read[self.lane % PHASES];
        let event = self.pool.entry(*bucket, *read);
        *read += 1;
        if *read == bucket.len {
            *read = 0;
            bucket.len = 0;
            self.pool.give_back(bucket.tail);
            self.lanes.occupied.clear(self.lane);
        } else if (*read).is_multiple_of(CHUNK) {
            self.pool.drop_first(*bucket);
        }
        event
    }

    /// The first bucket of the finest tier that has any; earlier than all the rest.
    fn upcoming(&self) -> Option<Upcoming> {
        let of = |index: Option<usize>, buckets: &[Bucket], width: u32, span: u32| {
            let index = index?;
            let start = (self.now >> span << span) + ((index as u64) << width);
            Some(Upcoming { bucket: buckets[index], index, start, width })
        };
        of(self.near.occupied.first(), &*self.near.buckets, LANES_SPAN, NEAR_SPAN)
            .or_else(|| of(self.far.occupied.first(), &*self.far.buckets, NEAR_SPAN, FAR_SPAN))
            .or_else(|| of(self.distant.occupied.first(), &*self.distant.buckets, FAR_SPAN, DISTANT_SPAN))
    }

    /// Fills the lanes from the bucket that comes next, or says why there is nothing to take.
    ///
    /// Once the lanes are filled an event must be taken, for the present span is then
    /// the new one; so a bucket on which `until` falls is searched before it is moved.
    fn move_down(&mut self, until: u64, foresee: &mut impl FnMut(E)) -> Option<Next> {
        let Some(Upcoming { bucket, index, start, width }) = self.upcoming() else {
            return self.open_beyond(until);
        };
        if start > until {
            return Some(Next::Later);
        }
        if until - start < 1 << width
            && start + u64::from(self.pool.least_place(bucket) >> PHASE_BITS) > until
        {
            return Some(Next::Later);
        }
        self.now = start;
        if width == FAR_SPAN {
            self.distant.take(index);
            self.pool.spill(bucket, NEAR_SPAN + PHASE_BITS, &mut self.far, &mut |_| ());
        } else if width == NEAR_SPAN {
            self.far.take(index);
            self.pool.spill(bucket, LANES_SPAN + PHASE_BITS, &mut self.near, &mut |_| ());
        } else {
            self.near.take(index);
            self.start = start;
            self.pool.spill(bucket, 0, &mut self.lanes, foresee);
        }
        None
    }

    /// Brings the next 2^42 ms that have an event from the list into the tiers.
    #[cold]
    fn open_beyond(&mut self, until: u64) -> Option<Next> {
        let Some(next) = self.beyond.iter().map(|event| event.at).min() else {
            return Some(Next::None);
        };
        if next > until {
            return Some(Next::Later);
        }
        self.now = next >> DISTANT_SPAN << DISTANT_SPAN;
        self.start = self.now;
        for Beyond { at, phase, event } in std::mem::take(&mut self.beyond) {
            self.file(at, phase, event);
        }
        None
    }
}
