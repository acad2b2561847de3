// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/appgroups.h"
#include "common/exposition/merge/mergereport.h"
#include "common/exposition/piecelist.h"
#include "common/model/proxycounters.h"
#include "common/util/processfigures.h"

namespace ExporterProxy {

/// The proxy's own metrics in the text exposition format, version 0.0.4. All carry the prefix
/// `exporter_proxy_`, so that an application's own `process_*` never meets them. First the families that
/// follow the model (how many applications are in each state; each one's state, size, rhythm, rejections,
/// updates and last update; what merging could not show), then those of the process.
///
/// Families without a sample are left out; so is the time of an application that has never been updated,
/// because no number stands for "never", and a rhythm that is not known. A family stands together, as the
/// format wants it, so the lines of one application are all over the text: they are made anew in blocks of
/// neighbouring applications, and only where one of the block, or its state, has changed.
class OwnMetrics
{
public:
    /// `store` must outlive this.
    explicit OwnMetrics(PageStore &store);

    OwnMetrics(const OwnMetrics &) = delete;
    OwnMetrics &operator=(const OwnMetrics &) = delete;

    /// Brings the families that follow the model up to a view of it, always the same model, at a moment:
    /// states change by time alone. Cheap if nothing can have changed.
    void follow(const AppView &view, Timestamp now);

    /// Puts in the families of what merging could not show. `generation` is that of the view that the reports
    /// are about; the same one again changes nothing.
    void setReports(std::span<const MergeReport> reports, quint64 generation);

    /// Puts in the families of the process, as renderProcessMetrics() makes them.
    void setProcess(const QByteArray &text);

    SectionList &sections() { return m_pieces; }

    /// Changes with every change of the text.
    quint64 serial() const { return m_pieces.serial(); }

private:
    using Moment = std::chrono::sys_time<std::chrono::milliseconds>;

    /// The lines of so many applications are made together: one family's are some 2 KB.
    static constexpr AppGroups::Limits BlockSize{16, 32, 64};
    /// The lines of applications compress well, and several families change with each push.
    static constexpr qsizetype LeafSize = 4 * 1024;

    struct Block
    {
        std::size_t place = 0; ///< among the blocks
        std::vector<AppState> states; ///< that the lines say
        quint32 families = 0; ///< a bit for each that has lines
    };

    bool isBefore(const PieceKey &a, const PieceKey &b) const;
    static QByteArray heading(std::size_t family);
    void refresh(const AppGroups::Group &group, const AppView &view, Timestamp now);

    AppGroups m_groups{AppGroups::By::Applications, BlockSize};
    std::vector<Block> m_blocks; ///< by the group's number
    PieceList m_pieces;
    quint32 m_families = 0; ///< a bit for each that has a heading
    quint64 m_reported = 0; ///< generation of the reports
    Timestamp m_checkedAt = Never; ///< when the states were looked at last
    Moment m_holdsUntil = Moment::min(); ///< no state changes by time alone before
};

/// The families of the proxy itself: build, pushes, polls, connections, scrapes, configuration, process.
/// Figures that are not known are left out. Main thread only, as the counters are.
QByteArray renderProcessMetrics(const ProxyCounters &counters, const ProcessFigures &figures, bool configOk);

} // namespace ExporterProxy
