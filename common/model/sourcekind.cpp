// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/sourcekind.h"

#include "common/model/freshness.h"

#include <array>

namespace ExporterProxy {

namespace {

/// The list of kinds, in the order of SourceKind.
constexpr std::array<SourceKindInfo, SourceKindCount> Kinds = {{
    {.kind = SourceKind::Push,
     .name = "push",
     .isConfigured = false,
     .learnsInterval = true,
     .failedState = AppState::Rejected,
     .freshness = &FreshnessRules::push,
     .attempt = "push",
     .attempts = "pushes"},
    {.kind = SourceKind::Poll,
     .name = "poll",
     .isConfigured = true,
     .learnsInterval = false,
     .failedState = AppState::Failing,
     .freshness = &FreshnessRules::poll,
     .attempt = "poll",
     .recovered = "answers again"},
}};

constexpr bool isInOrder()
{
    for (std::size_t i = 0; i < Kinds.size(); ++i) {
        if (Kinds[i].kind != SourceKind(i))
            return false;
    }
    return true;
}
static_assert(isInOrder());

} // namespace

const SourceKindInfo &infoOf(SourceKind kind)
{
    return Kinds[std::size_t(kind)];
}

} // namespace ExporterProxy
