// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/heldtexts.h"

namespace ExporterProxy {

std::vector<WithdrawnText> judgeHeldTexts(const TextGate &gate, AppModel &model, Timestamp now)
{
    std::vector<WithdrawnText> withdrawn;
    if (!gate.isOn())
        return withdrawn;
    const std::shared_ptr<const AppView> view = model.view(now);
    for (const std::shared_ptr<const AppSnapshot> &app : view->apps) {
        AppUpdate update{app->name, app->text};
        if (const std::optional<Rejection> rejection = gate.judge({&update, 1})) {
            if (model.replaceHeld(*app, {}, rejection->message, now))
                withdrawn.push_back({app->name, rejection->message});
        } else if (update.text.size() != app->text.size()) { // to mend is to take something out
            model.replaceHeld(*app, std::move(update.text), {}, now);
        }
    }
    return withdrawn;
}

} // namespace ExporterProxy
