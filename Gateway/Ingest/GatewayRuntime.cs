using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tikr.Core.Delivery;
using Tikr.Core.Memory;
using Tikr.Core.Rollup;
using Tikr.Core.Wire;
using Tikr.Gateway.Bounds;
using Tikr.Gateway.Clock;
using Tikr.Gateway.Http;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Gateway.Metrics;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>
/// Brings the gateway up in order (series, epoch, recovery, lane) and down again. It does so once the server listens, so that
/// <c>/readyz</c> can tell what it waits for; until it is up, calls are rejected with UNAVAILABLE.
/// </summary>
internal sealed class GatewayRuntime(
    IReadOnlyList<SeriesModel> models,
    ISeriesCatalog catalog,
    SeriesDirectory directory,
    IKeyStore keys,
    ITickStore ticks,
    IRecovery recovery,
    IPartialRouter router,
    LiveGateways gateways,
    ICluster cluster,
    ResidentKeys resident,
    TickMessagePool messages,
    IOptions<IngestOptions> options,
    GatewayMetrics metrics,
    ClockWatch clock,
    MemoryBudget budget,
    Refusals refusals,
    ILogger<IngestObserver> log,
    TimeProvider time,
    IOutputState? output = null,
    OutboxLayout? outbox = null) : IHostedLifecycleService, IReadinessSource, IDisposable
{
    private readonly IngestOptions _options = options.Value;
    private readonly IngestObserver _observer = new(metrics, log, time, clock, (budget.Keys, refusals));
    private FlushLane? _lane;
    private LaneThread? _thread;

    /// <summary>Decodes messages; null until the gateway is up.</summary>
    public TickDecoder? Decoder { get; private set; }

    /// <summary>What streams share; null until the gateway is up.</summary>
    public IngestPipeline? Pipeline { get; private set; }

    /// <summary>Decodes one message of an ingest stream.</summary>
    public TickMessage Decode(in ReadOnlySequence<byte> payload) => (Decoder ?? throw Errors.NotReady()).Decode(payload);

    /// <inheritdoc/>
    public string? NotReadyReason => Pipeline is not null ? null : cluster.WaitsFor is { } silos ? $"waiting for {silos}" : "recovering";

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        _observer.Show();
        metrics.ShowMemory(budget);
        directory.Open(await catalog.OpenAsync(models, cancellationToken).ConfigureAwait(false));
        await cluster.RegisterAsync(DefinitionsOf(directory.All), cancellationToken).ConfigureAwait(false);
        var series = new IngestSeriesSet(resident, _options, time, budget.Keys);
        directory.Watch(series);
        var epoch = await ticks.AllocateEpochAsync(cancellationToken).ConfigureAwait(false);
        var open = await recovery.RecoverAsync(epoch, cancellationToken).ConfigureAwait(false);

        var services = new LaneServices(ticks, router, recovery, gateways, resident, messages, _options, _observer, time, outbox);
        _lane = new FlushLane(epoch, series, open, services);
        gateways.Add(epoch, _lane);
        _thread = new LaneThread(_lane, time);
        _thread.Start();
        await cluster.JoinAsync(cancellationToken).ConfigureAwait(false);
        Decoder = new TickDecoder(series, time, messages, budget.UncommittedBytes / 2);
        Pipeline = new IngestPipeline(_lane.Queue, keys, ticks, _observer, time, output);
    }

    private static string DefinitionsOf(IEnumerable<Series> series)
    {
        var all = string.Join('\n', series.Select(one => $"{one.Name} {one.Model.BarDefinition}").Order(StringComparer.Ordinal));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_thread is not null) await _thread.StopAsync().ConfigureAwait(false);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _thread?.Dispose();
        _lane?.Dispose();
    }
}
