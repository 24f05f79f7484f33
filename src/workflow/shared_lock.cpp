#include "workflow/shared_lock.hpp"

#include "base/try.hpp"

namespace hsmreq::workflow {

SharedLock::Guard::~Guard() {
    if (lock_ == nullptr) return;
    const std::scoped_lock held(lock_->mutex_);
    if (--lock_->inside_ == 0) lock_->lock_ = FileLock();
}

Result<SharedLock::Guard> SharedLock::enter(const std::string& key, const FileLock::Options& options) {
    const std::scoped_lock held(mutex_);
    if (inside_ == 0) {
        TRY_ASSIGN(lock_, FileLock::acquire_named(key, options));
    }
    ++inside_;
    return Guard(*this);
}

}  // namespace hsmreq::workflow
