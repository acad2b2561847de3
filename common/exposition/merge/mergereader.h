// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/sampleline.h"
#include "common/exposition/textparser.h"
#include "common/util/keyedhash.h"
#include "common/util/workbudget.h"

#include <optional>
#include <span>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace ExporterProxy {

/// The type of a family; the order has no meaning.
enum class FamilyType : quint8 { None, Untyped, Counter, Gauge, Histogram, Summary };

/// Returns the word of a TYPE line; empty for None.
std::string_view familyTypeName(FamilyType type);

/// Returns the type that a TYPE line of the text format has.
FamilyType familyType(QByteArrayView word);

/// Returns whether samples that end in `suffix` belong to a family of this type.
bool ownsSuffix(FamilyType type, QByteArrayView suffix);

/// The ends of names that are a histogram's or a summary's own.
inline constexpr std::string_view ChildSuffixes[] = {"_bucket", "_sum", "_count"};

/// The histograms and summaries that a sample of a family may be a line of, as bits: whether it is depends on
/// what all applications say of the names (MergeFamilies::groupsOf).
enum SamplePart : quint8 {
    NoPart = 0,
    BucketPart = 1, ///< a `_bucket` of the family
    SumPart = 2, ///< a `_sum`, a `_count` or a quantile of the family
    ChildPart = 4, ///< a line of the family whose name is this one's without `_bucket`, `_sum` or `_count`
};

/// One application's share of a family.
struct ReadFamily
{
    QByteArrayView name;
    QByteArrayView help; ///< as it stands in the text; empty: none
    FamilyType type = FamilyType::None;
    bool oddLe = false; ///< see SampleTraits
    bool oddQuantile = false;
    bool isNegative = false; ///< a bucket or a count is: not for a histogram
    std::size_t first = 0; ///< the number of its first sample
    std::size_t count = 0; ///< of its samples
    QByteArrayView lines; ///< its samples, each a line
};

/// Splits a text into its families: each sample with the family that it belongs to, wherever the text has it,
/// and in the one form that all readers take (SampleLineWriter). Comments are left out.
///
/// A text is read in steps. Memory is reused from text to text. One thread at a time.
class MergeReader
{
public:
    struct Options
    {
        QByteArray appLabel; ///< the name of the label that all samples get; empty: none
        QByteArray reservedPrefix; ///< samples whose names begin like this are left out; empty: none
    };

    explicit MergeReader(Options options)
        : m_options(std::move(options))
    {
    }

    /// Begins to read a text. The results are views of it, valid until the next call or trim().
    void begin(const QByteArray &text, QByteArrayView appName);

    /// Goes on with reading; returns whether it is finished. Then there are the results, or a fault.
    bool proceed(const WorkBudget &budget);

    /// Returns the fault of an invalid text, which has no families.
    const std::optional<ExpositionFault> &fault() const { return m_fault; }

    /// Returns the families in the order of the text, each name once.
    std::span<const ReadFamily> families() const { return m_families; }
    /// Returns the number of samples of all families; a family's are one behind the other.
    std::size_t sampleCount() const { return m_ids.size(); }
    /// Returns what the sample belongs to as a whole that only one application can own: the series, or the
    /// histogram or summary if it is a part of one of `groups`.
    SeriesId unitOf(std::size_t sample, quint8 groups) const
    {
        return !m_parts.empty() && (m_parts[sample] & groups) ? m_groups[sample] : m_ids[sample];
    }
    /// Returns the number of samples that were left out because their series occurs a second time with the
    /// same timestamp: the server keeps the first.
    std::size_t repeated() const { return m_repeated; }
    /// Returns the number of samples that were left out for the reserved prefix.
    std::size_t reserved() const { return m_reserved; }

    /// Lets go of the text and the results, and frees the memory that a large text needed.
    void trim();

private:
    /// All that is known of a name in the text.
    struct Name
    {
        QByteArrayView name;
        QByteArrayView help;
        FamilyType type = FamilyType::None;
        SamplePart part = NoPart; ///< by its end
        bool hasSamples = false;
        bool oddLe = false;
        bool oddQuantile = false;
        bool isNegative = false;
        std::size_t family = 0; ///< index
    };
    struct Sample
    {
        quint32 name; ///< index
        SamplePart part;
        std::size_t end; ///< in m_lines; it begins where the one before ends
        SeriesId id;
    };
    enum class Stage : quint8 { Events, Families, Done };

    std::size_t nameIndex(QByteArrayView name);
    Name *find(QByteArrayView name);
    bool takeEvent();
    void takeSample();
    void finishEvents();
    void assignFamily(Name &name);
    std::size_t ownFamily(Name &name);
    Name *parentOf(QByteArrayView name);
    void gather();

    const Options m_options;
    QByteArray m_text;
    Stage m_stage = Stage::Done;
    ResumableLoop m_loop;
    std::optional<ExpositionParser> m_parser;
    std::optional<ByteBuilder> m_building; ///< m_lines
    SampleLineWriter m_writer;
    std::optional<ExpositionFault> m_fault;
    std::vector<Name> m_names;
    KeyedMap<std::string_view, std::size_t> m_index;
    std::vector<Sample> m_samples;
    std::vector<SeriesId> m_textGroups; ///< of those samples that are a part, in the order of the text
    std::unordered_set<SeriesId, SeriesIdHash> m_seen;
    QByteArray m_lines; ///< in the order of the text
    QByteArray m_sorted; ///< by family; empty if they were already
    std::vector<ReadFamily> m_families;
    std::vector<SeriesId> m_ids; ///< by family, as the next two
    std::vector<SamplePart> m_parts; ///< empty: no sample is a part of anything
    std::vector<SeriesId> m_groups;
    std::size_t m_repeated = 0;
    std::size_t m_reserved = 0;
};

} // namespace ExporterProxy
