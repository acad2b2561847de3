// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appmodel.h"

#include <QObject>
#include <QTimer>

namespace ExporterProxy {

/// Frees expired texts even if no page is requested. One timer for all applications fires when the next of
/// them may expire; no timer runs if none can. It may fire a little late, because every reader of the model
/// expires texts first. Main thread; one object per model.
class ExpiryTimer : public QObject
{
    Q_OBJECT

public:
    /// `model` must outlive this.
    explicit ExpiryTimer(AppModel &model);
    ~ExpiryTimer() override;

private:
    void expire();

    AppModel &m_model;
    QTimer m_timer;
};

} // namespace ExporterProxy
