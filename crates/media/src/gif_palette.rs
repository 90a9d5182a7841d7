//! Choosing the at most 256 colours of an image.

use std::collections::BTreeMap;

/// Most colours held against each other, pair by pair. More are put together by their leading bits first.
const PAIRED: usize = 640;
/// Least number of entries that colours which are new to the picture may have, if they need so many. The picture's
/// own colours are thinned out for them, the closest and rarest first.
const FOR_NEW: usize = 48;

/// A colour of an image and how often it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Red, green, blue.
    pub(crate) colour: [u8; 3],
    /// Number of pixels.
    pub(crate) count: u32,
    /// Whether some pixel had it before.
    pub(crate) old: bool,
}

/// A palette of at most `entries` colours. The picture's own colours stay as they are as far as there is room.
pub(crate) fn choose(colours: &[Counted], entries: usize) -> Vec<[u8; 3]> {
    if colours.len() <= entries {
        return colours.iter().map(|one| one.colour).collect();
    }
    let (old, new): (Vec<_>, Vec<_>) = colours.iter().copied().partition(|one| one.old);
    let for_new = new.len().min(FOR_NEW).min(entries);
    let mut palette = reduce(old, entries - for_new);
    palette.extend(reduce(new, entries - palette.len()));
    palette
}

/// Colours that were put together.
#[derive(Clone, Copy)]
struct Cluster {
    mean: [f32; 3],
    count: f32,
    /// The commonest of them stands for all: the colours of letters and plates are common, and stay exact.
    leader: Counted,
    /// Place of the cluster that is cheapest to put it together with, and the cost.
    nearest: (usize, f32),
}

impl Cluster {
    fn of(one: Counted) -> Self {
        let [red, green, blue] = one.colour.map(f32::from);
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let count = one.count.max(1) as f32;
        Self { mean: [red, green, blue], count, leader: one, nearest: (0, f32::INFINITY) }
    }

    /// By how much the squared error grows if the two are put together (Ward).
    fn cost(&self, other: &Self) -> f32 {
        let [red, green, blue] = self.mean;
        let [red2, green2, blue2] = other.mean;
        let distance = (red - red2).powi(2) + (green - green2).powi(2) + (blue - blue2).powi(2);
        self.count * other.count / (self.count + other.count) * distance
    }

    fn join(&mut self, other: &Self) {
        let count = self.count + other.count;
        for (mean, theirs) in self.mean.iter_mut().zip(other.mean) {
            *mean = (*mean * self.count + theirs * other.count) / count;
        }
        self.count = count;
        if other.leader.count > self.leader.count {
            self.leader = other.leader;
        }
    }
}

/// Puts colours together, always the pair that costs least, until there are no more than `entries`.
fn reduce(colours: Vec<Counted>, entries: usize) -> Vec<[u8; 3]> {
    if colours.len() <= entries {
        return colours.iter().map(|one| one.colour).collect();
    }
    let mut clusters = binned(colours);
    for at in 0..clusters.len() {
        find_nearest(&mut clusters, at);
    }
    while clusters.len() > entries {
        let cheapest =
            clusters.iter().enumerate().min_by(|one, two| one.1.nearest.1.total_cmp(&two.1.nearest.1));
        let Some((kept, cluster)) = cheapest else { break };
        let gone = cluster.nearest.0;
        let Some(other) = clusters.get(gone).copied() else { break };
        if let Some(cluster) = clusters.get_mut(kept) {
            cluster.join(&other);
        }
        // The last one moves to the place that becomes free.
        let moved = clusters.len() - 1;
        clusters.swap_remove(gone);
        let kept = if kept == moved { gone } else { kept };
        for at in 0..clusters.len() {
            let Some(cluster) = clusters.get_mut(at) else { continue };
            let nearest = cluster.nearest.0;
            if nearest == moved && moved != gone && nearest != kept {
                cluster.nearest.0 = gone;
            }
            if at == kept || nearest == gone || nearest == kept || cluster.nearest.0 == kept {
                find_nearest(&mut clusters, at);
            }
        }
    }
    clusters.iter().map(|cluster| cluster.leader.colour).collect()
}

fn find_nearest(clusters: &mut [Cluster], at: usize) {
    let Some(this) = clusters.get(at).copied() else { return };
    let others = clusters.iter().enumerate().filter(|(place, _)| *place != at);
    let costs = others.map(|(place, other)| (place, this.cost(other)));
    let nearest = costs.min_by(|one, two| one.1.total_cmp(&two.1)).unwrap_or((at, f32::INFINITY));
    if let Some(cluster) = clusters.get_mut(at) {
        cluster.nearest = nearest;
    }
}

/// One cluster for each colour, or for those that are alike in their leading bits if there are too many.
fn binned(colours: Vec<Counted>) -> Vec<Cluster> {
    let mut clusters: Vec<_> = colours.into_iter().map(Cluster::of).collect();
    for shift in 1..6 {
        if clusters.len() <= PAIRED {
            break;
        }
        let mut bins: BTreeMap<[u8; 3], Cluster> = BTreeMap::new();
        for cluster in clusters {
            let key = cluster.leader.colour.map(|value| value >> shift);
            bins.entry(key).and_modify(|bin| bin.join(&cluster)).or_insert(cluster);
        }
        clusters = bins.into_values().collect();
    }
    clusters
}

/// The entry nearest to a colour.
pub(crate) fn nearest(palette: &[[u8; 3]], colour: [u8; 3]) -> usize {
    let distance = |entry: &[u8; 3]| -> i32 {
        entry.iter().zip(colour).map(|(one, two)| (i32::from(*one) - i32::from(two)).pow(2)).sum()
    };
    palette.iter().enumerate().min_by_key(|(_, entry)| distance(entry)).map_or(0, |(at, _)| at)
}
