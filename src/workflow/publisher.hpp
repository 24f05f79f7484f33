// The publisher: turns signatures into verified, durable files while the tokens work on.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/file.hpp"
#include "evidence/evidence.hpp"
#include "hsmreq/bytes.hpp"
#include "workflow/evidence_key.hpp"
#include "workflow/output_state.hpp"
#include "workflow/run_facts.hpp"
#include "workflow/run_state.hpp"
#include "x509/certification_request.hpp"

namespace hsmreq::workflow {

/// One item that has all it needs from its token.
struct PublishJob {
    std::size_t index = 0;     ///< of the item's result
    RequestItemResult result;  ///< what to settle with when all goes well
    const RequestPlan* request = nullptr;
    ItemFiles files;
    evidence::Record record;  ///< complete but for the request's bytes
    Bytes public_key_der;
    Bytes request_info;
    x509::RawSignature signature;
    Bytes existing_csr;         ///< the published file whose evidence alone is to be written; empty otherwise
    Bytes existing_der;         ///< its DER
    Bytes existing_evidence;    ///< the published evidence whose envelope alone is to be written; empty otherwise
    bool replace = false;       ///< an existing request file may be replaced
    bool remove_other = false;  ///< the request in the other file format goes
    std::vector<StagedFile> made = {};  ///< by make_files; empty when the publisher is to make them
};

/// Assembles, verifies and describes the request: the job's files in the order in which they appear, the request last.
/// Whoever has a key sign the evidence does this on its own thread, where its sessions are. Errors:
/// ExitCode::verification; those of evidence_files.
Result<std::vector<StagedFile>> make_files(PublishJob& job, const EvidenceSigner& signer, OutputDirectory& directory);

/// One thread with a bounded queue. Requests that wait are published together, so that their syncs are shared.
class Publisher {
public:
    Publisher(const RunFacts& facts, RunState& state);
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    /// Takes the job; waits while the queue is full.
    void submit(PublishJob job);
    /// Publishes what is queued and ends the thread. Idempotent.
    void finish();

private:
    void run();
    void publish_batch(std::vector<PublishJob> jobs);

    const RunFacts& facts_;
    RunState& state_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<PublishJob> queue_;
    bool closing_ = false;
    std::mutex join_mutex_;
    std::thread thread_;
};

}  // namespace hsmreq::workflow
