//! What is known of each of a connection's few streams.

/// Values by stream id, in the order of the ids. A list without spare room: nearly all connections have one
/// request, and a tree would keep room for eleven.
#[derive(Debug)]
pub struct Streams<T>(Vec<(u64, T)>);

impl<T> Default for Streams<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Streams<T> {
    /// The value of `stream`.
    pub fn get(&self, stream: u64) -> Option<&T> {
        let index = self.find(stream).ok()?;
        self.0.get(index).map(|(_, value)| value)
    }

    /// The value of `stream`, to be changed.
    pub fn get_mut(&mut self, stream: u64) -> Option<&mut T> {
        let index = self.find(stream).ok()?;
        self.0.get_mut(index).map(|(_, value)| value)
    }

    /// Sets the value of `stream`.
    pub fn insert(&mut self, stream: u64, value: T) {
        match self.find(stream) {
            Ok(index) => self.0[index].1 = value,
            Err(index) => {
                self.0.reserve_exact(1);
                self.0.insert(index, (stream, value));
            }
        }
    }

    /// Forgets `stream`.
    pub fn remove(&mut self, stream: u64) {
        if let Ok(index) = self.find(stream) {
            self.0.remove(index);
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// All, by ascending id.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (u64, &mut T)> {
        self.0.iter_mut().map(|(stream, value)| (*stream, value))
    }

    /// All values, by ascending id.
    pub fn into_values(self) -> impl Iterator<Item = T> {
        self.0.into_iter().map(|(_, value)| value)
    }

    fn find(&self, stream: u64) -> Result<usize, usize> {
        self.0.binary_search_by_key(&stream, |(known, _)| *known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_found_and_listed_by_id_whatever_their_order() {
        let mut streams = Streams::default();
        for stream in [8, 0, 4] {
            streams.insert(stream, stream + 1);
        }
        streams.insert(4, 50);
        assert_eq!(streams.get(8), Some(&9));
        assert_eq!(streams.get_mut(3), None);
        assert_eq!(
            streams.iter_mut().map(|(stream, value)| (stream, *value)).collect::<Vec<_>>(),
            [(0, 1), (4, 50), (8, 9)]
        );
        streams.remove(0);
        assert_eq!(streams.into_values().collect::<Vec<_>>(), [50, 9]);
    }

    #[test]
    fn one_stream_takes_room_for_one() {
        let mut streams = Streams::default();
        streams.insert(0, [0_u64; 16]);
        assert_eq!(streams.0.capacity(), 1);
    }
}
