#include "workflow/publisher.hpp"

#include <utility>

#include "base/try.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t queue_limit = 64;

void fail(RunState& state, PublishJob& job, Error error) {
    job.result.state = ItemState::failed;
    job.result.csr_file.clear();
    job.result.evidence_file.clear();
    job.result.envelope_file.clear();
    job.result.error = std::move(error);
    state.settle(job.index, std::move(job.result));
}

Error not_from_this_token(Error error, const PublishJob& job) {
    if (error.where.empty()) error.where = job.files.csr;
    if (error.hint.empty())
        error.hint =
            "nothing was published. The token or its driver gave a wrong answer: run again, and if it stays, ask the "
            "vendor";
    return error;
}

/// The request's DER, parsed again, verified and compared with the plan.
Result<Bytes> make_request(const PublishJob& job) {
    TRY_ASSIGN(auto der, x509::assemble_request(job.request_info, job.signature));
    TRY(x509::verify_request(der, *job.request, job.public_key_der));
    return der;
}

}  // namespace

/// Evidence first: the request is the commit mark and appears last.
Result<std::vector<StagedFile>> make_files(PublishJob& job, const EvidenceSigner& signer, OutputDirectory& directory) {
    if (!job.existing_evidence.empty())
        return evidence_files(signer, {job.files.evidence, std::move(job.existing_evidence), true}, directory);
    evidence::Record& record = job.record;
    record.csr_file = job.files.csr;
    record.public_key_der = job.public_key_der;
    if (!job.existing_csr.empty()) {
        record.csr_file_content = std::move(job.existing_csr);
        record.csr_der = std::move(job.existing_der);
        return evidence_files(signer, {job.files.evidence, evidence::to_json(record)}, directory);
    }
    auto der = make_request(job);
    if (!der) return not_from_this_token(std::move(der).error(), job);
    record.csr_der = std::move(der).value();
    record.csr_file_content =
        job.request->file_format == FileFormat::binary ? record.csr_der : x509::to_pem(record.csr_der);
    TRY_ASSIGN(auto files, evidence_files(signer, {job.files.evidence, evidence::to_json(record)}, directory));
    files.push_back({job.files.csr, record.csr_file_content, 0644, job.replace});
    return files;
}

Publisher::Publisher(const RunFacts& facts, RunState& state)
    : facts_(facts), state_(state), thread_([this] { run(); }) {}

Publisher::~Publisher() {
    finish();
}

void Publisher::submit(PublishJob job) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.size() < queue_limit; });
    queue_.push_back(std::move(job));
    changed_.notify_all();
}

void Publisher::finish() {
    {
        const std::scoped_lock lock(mutex_);
        closing_ = true;
        changed_.notify_all();
    }
    const std::scoped_lock lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
}

void Publisher::run() {
    for (;;) {
        std::vector<PublishJob> batch;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
            if (queue_.empty()) return;
            batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
            queue_.clear();
            changed_.notify_all();
        }
        publish_batch(std::move(batch));
    }
}

void Publisher::publish_batch(std::vector<PublishJob> jobs) {
    std::vector<PublishJob> ready;
    std::vector<std::vector<StagedFile>> groups;
    for (auto& job : jobs) {
        auto files = job.made.empty() ? make_files(job, {}, facts_.directory) : std::move(job.made);
        if (!files) {
            fail(state_, job, std::move(files).error());
            continue;
        }
        groups.push_back(std::move(files).value());
        ready.push_back(std::move(job));
    }
    auto results = publish_groups(facts_.directory, groups);
    for (std::size_t i = 0; i < ready.size(); ++i) {
        PublishJob& job = ready[i];
        if (results[i] && job.remove_other) results[i] = facts_.directory.remove(job.files.other_csr);
        if (results[i]) {
            state_.settle(job.index, std::move(job.result));
        } else {
            fail(state_, job, std::move(results[i]).error());
        }
    }
}

}  // namespace hsmreq::workflow
