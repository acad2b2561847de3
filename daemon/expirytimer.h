// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appmodel.h"

#include <QObject>
#include <QTimer>

namespace ExporterProxy {

/// Frees the texts that have expired when nobody asks for a page. One timer for all applications, for the
/// next moment at which something may be due; none runs where nothing can expire. It may be a little late,
/// because whoever looks at the model has by then done what was due. Main thread; one for a model.
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
