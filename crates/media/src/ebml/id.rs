//! Element IDs (RFC 8794 section 11, RFC 9559 section 5), with their length marker.

pub(super) const ATTACHED_FILE: u32 = 0x61A7;
pub(super) const ATTACHMENTS: u32 = 0x1941_A469;
pub(super) const BLOCK: u32 = 0xA1;
pub(super) const BLOCK_GROUP: u32 = 0xA0;
pub(super) const CHAPTERS: u32 = 0x1043_A770;
pub(super) const CHAPTER_ATOM: u32 = 0xB6;
pub(super) const CHAPTER_DISPLAY: u32 = 0x80;
pub(super) const CLUSTER: u32 = 0x1F43_B675;
pub(super) const CLUSTER_POSITION: u32 = 0xA7;
pub(super) const CODEC_ID: u32 = 0x86;
pub(super) const CODEC_PRIVATE: u32 = 0x63A2;
pub(super) const CONTENT_ENCODINGS: u32 = 0x6D80;
pub(super) const CRC_32: u32 = 0xBF;
pub(super) const CUES: u32 = 0x1C53_BB6B;
pub(super) const CUE_CLUSTER_POSITION: u32 = 0xF1;
pub(super) const CUE_CODEC_STATE: u32 = 0xEA;
pub(super) const CUE_POINT: u32 = 0xBB;
pub(super) const CUE_REFERENCE: u32 = 0xDB;
pub(super) const CUE_REFERENCE_CLUSTER: u32 = 0x97;
pub(super) const CUE_REFERENCE_CODEC_STATE: u32 = 0xEB;
pub(super) const CUE_TRACK_POSITIONS: u32 = 0xB7;
pub(super) const DOC_TYPE: u32 = 0x4282;
pub(super) const EBML: u32 = 0x1A45_DFA3;
pub(super) const EDITION_ENTRY: u32 = 0x45B9;
pub(super) const FILE_DATA: u32 = 0x465C;
pub(super) const FILE_MEDIA_TYPE: u32 = 0x4660;
pub(super) const FILE_NAME: u32 = 0x466E;
pub(super) const INFO: u32 = 0x1549_A966;
pub(super) const MUXING_APP: u32 = 0x4D80;
pub(super) const SEEK: u32 = 0x4DBB;
pub(super) const SEEK_HEAD: u32 = 0x114D_9B74;
pub(super) const SEEK_ID: u32 = 0x53AB;
pub(super) const SEEK_POSITION: u32 = 0x53AC;
pub(super) const SEGMENT: u32 = 0x1853_8067;
pub(super) const SIMPLE_BLOCK: u32 = 0xA3;
pub(super) const SIMPLE_TAG: u32 = 0x67C8;
pub(super) const TAG: u32 = 0x7373;
pub(super) const TAGS: u32 = 0x1254_C367;
pub(super) const TAG_BINARY: u32 = 0x4485;
pub(super) const TAG_NAME: u32 = 0x45A3;
pub(super) const TAG_STRING: u32 = 0x4487;
pub(super) const TARGETS: u32 = 0x63C0;
pub(super) const TARGET_TYPE_VALUE: u32 = 0x68CA;
pub(super) const TRACKS: u32 = 0x1654_AE6B;
pub(super) const TRACK_ENTRY: u32 = 0xAE;
pub(super) const TRACK_NUMBER: u32 = 0xD7;
pub(super) const TRACK_TYPE: u32 = 0x83;
pub(super) const VOID: u32 = 0xEC;
pub(super) const WRITING_APP: u32 = 0x5741;

/// The UIDs in Targets: of a track, a chapter, an attachment, an edition.
pub(super) const TARGET_UIDS: [u32; 4] = [0x63C5, 0x63C4, 0x63C6, 0x63C9];

/// What can stand in a Segment beside what can stand anywhere, with a name of four letters each.
pub(super) const TOP: [(u32, [u8; 4]); 8] = [
    (ATTACHMENTS, *b"Atta"),
    (CHAPTERS, *b"Chap"),
    (CLUSTER, *b"Clus"),
    (CUES, *b"Cues"),
    (INFO, *b"Info"),
    (SEEK_HEAD, *b"Seek"),
    (TAGS, *b"Tags"),
    (TRACKS, *b"Trac"),
];

/// Texts by themselves: ID, name, where they stand.
pub(super) const TEXTS: [(u32, &str, &str); 12] = [
    (0x7BA9, "Title", "Info element"),
    (MUXING_APP, "MuxingApp", "Info element"),
    (WRITING_APP, "WritingApp", "Info element"),
    (0x7384, "SegmentFilename", "Info element"),
    (0x3C_83AB, "PrevFilename", "Info element"),
    (0x3E_83BB, "NextFilename", "Info element"),
    (0x536E, "Name", "TrackEntry element"),
    (0x25_8688, "CodecName", "TrackEntry element"),
    (FILE_NAME, "FileName", "AttachedFile element"),
    (0x467E, "FileDescription", "AttachedFile element"),
    (FILE_MEDIA_TYPE, "FileMediaType", "AttachedFile element"),
    (CHAPTER_STRING, "ChapString", "ChapterDisplay element"),
];
pub(super) const CHAPTER_STRING: u32 = 0x85;

/// Whether an element holds elements that are looked at or changed here.
pub(super) fn is_master(id: u32) -> bool {
    matches!(
        id,
        ATTACHED_FILE
            | ATTACHMENTS
            | CHAPTERS
            | CHAPTER_ATOM
            | CHAPTER_DISPLAY
            | CUES
            | CUE_POINT
            | CUE_REFERENCE
            | CUE_TRACK_POSITIONS
            | EDITION_ENTRY
            | INFO
            | SEEK
            | SEEK_HEAD
            | SIMPLE_TAG
            | TAG
            | TAGS
            | TARGETS
            | TRACKS
            | TRACK_ENTRY
    )
}

/// Whether what it stands in would be invalid without it, so that it can be emptied but not taken out.
pub(super) fn is_mandatory(id: u32) -> bool {
    matches!(id, CHAPTER_STRING | FILE_DATA | FILE_MEDIA_TYPE | FILE_NAME | MUXING_APP | WRITING_APP)
}

/// Whether it is a place in the file, counted from the start of the Segment's body.
pub(super) fn is_position(id: u32) -> bool {
    matches!(
        id,
        CUE_CLUSTER_POSITION
            | CUE_CODEC_STATE
            | CUE_REFERENCE_CLUSTER
            | CUE_REFERENCE_CODEC_STATE
            | SEEK_POSITION
    )
}
