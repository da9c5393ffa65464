using Tikr.Core.Delivery;
using Tikr.Core.Wire;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>What a lane needs of the world.</summary>
/// <param name="Ticks">Where flushes are committed.</param>
/// <param name="Router">Takes partials to their grains.</param>
/// <param name="Recovery">Recomputes pairs that stay uncovered.</param>
/// <param name="Gateways">Where the lane's epoch, watermark and coverage are known.</param>
/// <param name="Resident">The keys that the process holds.</param>
/// <param name="Messages">Decoded messages to use again.</param>
/// <param name="Options">Sizes and pauses.</param>
/// <param name="Observer">Counts and logs.</param>
/// <param name="Time">The clocks.</param>
/// <param name="Outbox">Where late ticks are routed through; null where nothing is published.</param>
internal sealed record LaneServices(
    ITickStore Ticks,
    IPartialRouter Router,
    IRecovery Recovery,
    LiveGateways Gateways,
    ResidentKeys Resident,
    TickMessagePool Messages,
    IngestOptions Options,
    IngestObserver Observer,
    TimeProvider Time,
    OutboxLayout? Outbox = null);
