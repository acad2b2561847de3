// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/sampleline.h"
#include "common/exposition/textparser.h"
#include "common/util/keyedhash.h"

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

/// One application's share of a family.
struct ReadFamily
{
    QByteArrayView name;
    QByteArrayView help; ///< as it stands in the text; empty: none
    FamilyType type = FamilyType::None;
    bool oddLe = false; ///< see SampleTraits
    bool oddQuantile = false;
    std::size_t firstId = 0; ///< of its samples in ids()
    std::size_t count = 0;
    QByteArrayView lines; ///< its samples, each a line, in the order of ids()
};

/// Splits a text into its families: each sample with the family that it belongs to, wherever the text has it,
/// and in the one form that all readers take (SampleLineWriter). Comments are left out.
///
/// Memory is reused from text to text. One thread at a time.
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

    /// Reads a text. The results are views of `text`, which must outlive them. Returns the fault of an
    /// invalid text; then there are no results.
    std::optional<ExpositionFault> read(const QByteArray &text, QByteArrayView appName);

    /// Returns the families in the order of the text, each name once.
    std::span<const ReadFamily> families() const { return m_families; }
    std::span<const SeriesId> ids() const { return m_ids; }
    /// Returns the number of samples that were left out because their series occurs a second time with the
    /// same timestamp: the server keeps the first.
    std::size_t repeated() const { return m_repeated; }
    /// Returns the number of samples that were left out for the reserved prefix.
    std::size_t reserved() const { return m_reserved; }

    /// Frees the memory that a large text needed.
    void trim();

private:
    /// All that is known of a name in the text.
    struct Name
    {
        QByteArrayView name;
        QByteArrayView help;
        FamilyType type = FamilyType::None;
        bool hasSamples = false;
        bool oddLe = false;
        bool oddQuantile = false;
        std::size_t family = 0; ///< index
    };
    struct Sample
    {
        std::size_t name; ///< index
        std::size_t end; ///< in m_lines; it begins where the one before ends
        SeriesId id;
    };

    std::size_t nameIndex(QByteArrayView name);
    const Name *find(QByteArrayView name);
    std::optional<ExpositionFault> readEvents(const QByteArray &text, QByteArrayView appName);
    void takeSample(const ExpositionParser &parser, ByteBuilder &lines);
    void assignFamilies();
    const Name *parentOf(QByteArrayView name);
    void gather();

    const Options m_options;
    SampleLineWriter m_writer;
    std::vector<Name> m_names;
    KeyedMap<std::string_view, std::size_t> m_index;
    std::vector<Sample> m_samples;
    std::unordered_set<SeriesId, SeriesIdHash> m_seen;
    QByteArray m_lines; ///< in the order of the text
    QByteArray m_sorted; ///< by family; empty if they were already
    std::vector<ReadFamily> m_families;
    std::vector<SeriesId> m_ids;
    std::size_t m_repeated = 0;
    std::size_t m_reserved = 0;
};

} // namespace ExporterProxy
