//! Counting the blocks in coded data: the decoder fills in what is missing between two restart markers without
//! saying so, and rows that were not coded must not pass for rows that were read.

use super::frame::Frame;

/// What the bits at the front of coded data mean: length of the code (high byte) and its value (low byte), by
/// the next 16 bits. 0 for bits that are no code.
type Codes = Vec<u16>;

/// The Huffman tables of a scan, and which of them its blocks use.
#[derive(Default)]
pub(super) struct Blocks {
    /// By class (0 for the mean, 1 for the rest of a block) and number.
    tables: [[Codes; 4]; 2],
    /// The numbers of both tables for each block of a coded unit.
    unit: Vec<(u8, u8)>,
}

impl Blocks {
    /// Takes the tables of a DHT segment (T.81, B.2.4.2); `None` if they are broken.
    pub(super) fn define(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = body.split_first() {
            let (counts, mut values) = rest.split_at_checked(16)?;
            let mut codes = vec![0; 1 << 16];
            let mut next = 0;
            for (len, count) in (1_u8..=16).zip(counts) {
                let (these, rest) = values.split_at_checked(usize::from(*count))?;
                values = rest;
                // All bits that begin with the code.
                let alike = 1_usize << (16 - len);
                for value in these {
                    codes.get_mut(next..next + alike)?.fill(u16::from_be_bytes([len, *value]));
                    next += alike;
                }
            }
            let table = self.tables.get_mut(usize::from(kind >> 4))?.get_mut(usize::from(kind & 15))?;
            *table = codes;
            body = values;
        }
        Some(())
    }

    /// Takes from a scan header (T.81, B.2.3) which tables are used; `None` if it is not of this frame.
    pub(super) fn assign(&mut self, body: &[u8], frame: &Frame) -> Option<()> {
        let (count, rest) = body.split_first()?;
        if usize::from(*count) != frame.components.len() {
            return None;
        }
        for [id, numbers] in rest.as_chunks::<2>().0.iter().take(usize::from(*count)) {
            let component = frame.components.iter().find(|component| component.id == *id)?;
            let blocks = if *count == 1 { 1 } else { component.horizontal * component.vertical };
            self.unit.extend(std::iter::repeat_n((numbers >> 4, numbers & 15), usize::from(blocks)));
        }
        Some(())
    }

    /// Whether coded data between two restart markers holds as many units as it should, all of valid codes.
    pub(super) fn fill(&self, units: u32, coded: &[u8]) -> bool {
        let mut bits = Bits { coded: coded.iter(), held: 0, count: 0 };
        let [means, rests] = &self.tables;
        (0..units).all(|_| {
            self.unit.iter().all(|(mean, rest)| {
                match (means.get(usize::from(*mean)), rests.get(usize::from(*rest))) {
                    (Some(mean), Some(rest)) => block(&mut bits, mean, rest).is_some(),
                    _ => false,
                }
            })
        })
    }
}

/// Passes over one block (T.81, F.2.2); `None` if it is not there as a whole.
fn block(bits: &mut Bits<'_>, mean: &Codes, rest: &Codes) -> Option<()> {
    let size = bits.code(mean)?;
    bits.skip(size)?;
    let mut at = 1_u8;
    while at < 64 {
        let value = bits.code(rest)?;
        let (zeros, size) = (value >> 4, value & 15);
        match (zeros, size) {
            (15, 0) => at += 16,
            (_, 0) => return Some(()),
            _ => {
                at += zeros + 1;
                bits.skip(size)?;
            }
        }
    }
    (at == 64).then_some(())
}

/// Coded data, bit by bit.
struct Bits<'a> {
    coded: std::slice::Iter<'a, u8>,
    /// The bits that come next, from the highest on; zeros after them.
    held: u64,
    /// How many they are.
    count: u8,
}

impl Bits<'_> {
    /// Takes the next code's value; `None` at the end, or for bits that are no code.
    fn code(&mut self, codes: &Codes) -> Option<u8> {
        // Enough for a code and what follows it.
        while self.count < 32 {
            let Some(byte) = self.coded.next() else { break };
            if *byte == 0xFF {
                // Stuffed.
                self.coded.next();
            }
            self.held |= u64::from(*byte) << (56 - self.count);
            self.count += 8;
        }
        let [len, value] = codes.get(usize::try_from(self.held >> 48).ok()?)?.to_be_bytes();
        if len == 0 {
            return None;
        }
        self.skip(len)?;
        Some(value)
    }

    /// Passes over at most 16 bits.
    fn skip(&mut self, len: u8) -> Option<()> {
        if len > 16 {
            return None;
        }
        self.count = self.count.checked_sub(len)?;
        self.held <<= len;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::Blocks;

    /// Means: `0` no bits, `10` two bits. Rests: `0` end of block, `10` fifteen zeros and a value of one bit,
    /// `110` sixteen zeros.
    fn blocks() -> Blocks {
        let counts = |first: &[u8]| [first, &vec![0; 16 - first.len()]].concat();
        let means = [vec![0x00], counts(&[1, 1]), vec![0, 2]].concat();
        let rests = [vec![0x10], counts(&[1, 1, 1]), vec![0x00, 0xF1, 0xF0]].concat();
        let mut blocks = Blocks { unit: vec![(0, 0)], ..Blocks::default() };
        blocks.define(&[means, rests].concat()).unwrap();
        blocks
    }

    #[test]
    fn blocks_are_counted_to_the_bit() {
        // Mean 0, end; mean 0, end; ...: two bits a block.
        assert!(blocks().fill(4, &[0b0000_0000]));
        assert!(!blocks().fill(5, &[0b0000_0000]));
        // Mean of two bits 01, end: five bits; then 0, end; padding.
        assert!(blocks().fill(2, &[0b1001_0001]));
        assert!(!blocks().fill(3, &[0b1001_0001]));
        assert!(!blocks().fill(1, &[]));
    }

    #[test]
    fn a_block_has_64_values_and_no_more() {
        // Mean 0; three times sixteen zeros; fifteen zeros and a value: 1 + 48 + 16 are one too many.
        assert!(!blocks().fill(1, &[0b0110_1101, 0b1010_1000]));
        // Two times sixteen zeros, then the end.
        assert!(blocks().fill(1, &[0b0110_1100]));
    }

    #[test]
    fn what_is_no_code_is_refused_and_stuffed_zeros_are_passed_over() {
        assert!(!blocks().fill(1, &[0b1100_0000]));
        // 0xFF 0x00 holds eight ones.
        assert!(!blocks().fill(1, &[0b0111_1111, 0xFF]));
        // Mean 0, 110, 110, end of the byte in ones: 0 110 110 1 | 0.
        assert!(blocks().fill(1, &[0b0110_1101, 0b0000_0000]));
        let all_ones = [vec![0x00, 1], vec![0; 7], vec![1], vec![0; 7], vec![1, 9]].concat();
        assert!(Blocks::default().define(&all_ones).is_some());
    }

    #[test]
    fn broken_tables_are_refused() {
        for broken in [vec![0x00; 10], [vec![0x20], vec![0; 16]].concat(), [vec![0x04], vec![0; 16]].concat()]
        {
            assert_eq!(Blocks::default().define(&broken), None, "{broken:?}");
        }
        // Three codes of one bit; a code without its value.
        let crowded = [vec![0x00, 3], vec![0; 15], vec![1, 2, 3]].concat();
        assert_eq!(Blocks::default().define(&crowded), None);
        let cut = [vec![0x00, 2], vec![0; 15], vec![1]].concat();
        assert_eq!(Blocks::default().define(&cut), None);
    }
}
