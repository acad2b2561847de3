// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <QByteArrayView>
#include <unordered_map>
#include <unordered_set>

namespace ExporterProxy {

/// A hash of bytes for every table whose keys a peer chooses: XXH3 with a secret of 192 bytes that is drawn
/// at the start of the process. Values differ from process to process.
///
/// Who knows the function but not the secret cannot find keys of one value, so that a table of n keys costs n
/// steps, whatever the keys are. std::hash has no secret: its collisions can be computed, and n of them cost
/// n² steps. As fast as std::hash for names. Any thread.
struct KeyedHash
{
    using is_transparent = void;
    std::size_t operator()(QByteArrayView bytes) const noexcept;
};

/// The equality that belongs to KeyedHash.
struct EqualBytes
{
    using is_transparent = void;
    bool operator()(QByteArrayView a, QByteArrayView b) const noexcept { return a == b; }
};

/// Tables whose keys are bytes that a peer chooses: QByteArray, QByteArrayView or std::string_view.
template<typename Key, typename Value>
using KeyedMap = std::unordered_map<Key, Value, KeyedHash, EqualBytes>;
template<typename Key>
using KeyedSet = std::unordered_set<Key, KeyedHash, EqualBytes>;

} // namespace ExporterProxy
