using System.Buffers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Core.Wire;
using Tikr.Gateway.Http;
using Tikr.Gateway.Metrics;
using Tikr.Grains;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>
/// Brings the gateway up in order - series, epoch, recovery, flush loop - and down again. It does so once the server listens, so that
/// <c>/readyz</c> can tell what it is at; until it is up, calls are refused with UNAVAILABLE.
/// </summary>
internal sealed class GatewayRuntime(
    IReadOnlyList<SeriesPlan> plans, ISeriesCatalog catalog, SeriesDirectory directory,
        IKeyStore keys, ITickStore ticks, IRecovery recovery,
    IPartialRouter router, GatewayWatermark watermark, CoverageInbox coverage, TickMessagePool pool, IOptions<IngestOptions> options,
    GatewayMetrics metrics, ILogger<IngestObserver> log, TimeProvider time, IKeyUsage? keyUsage = null, IOutputState? output = null,
        OutboxLayout? outbox = null)
        : IHostedLifecycleService, IReadinessSource, IDisposable
{
    private readonly IngestOptions _options = options.Value;
    private readonly IngestObserver _observer = new(metrics, log);
    private PendingTicks? _pending;
    private FlushLoop? _loop;

    /// <summary>Decodes messages; null until the gateway is up.</summary>
    public TickDecoder? Decoder { get; private set; }

    /// <summary>What streams share; null until the gateway is up.</summary>
    public IngestPipeline? Pipeline { get; private set; }

    /// <summary>Decodes one message of an ingest stream.</summary>
    public TickMessage Decode(in ReadOnlySequence<byte> payload) => (Decoder ?? throw Errors.NotReady()).Decode(payload);

    /// <inheritdoc/>
    public string? NotReadyReason => Pipeline is null ? "recovering" : null;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        _observer.Show();
        var handles = await catalog.OpenAsync(plans, cancellationToken).ConfigureAwait(false);
        directory.Open(handles);
        var series = handles.Select(NewIntake).ToList();
        if (keyUsage is not null) keyUsage.InUse = (seriesId, keyId) =>
            series.Exists(s => s.Handle.SeriesId == seriesId && s.Resident.Contains(keyId));
        var epoch = await ticks.AllocateEpochAsync(cancellationToken).ConfigureAwait(false);
        watermark.Epoch = epoch;

        var combiner = new Combiner(epoch);
        var open = await recovery.RecoverAsync(epoch, cancellationToken).ConfigureAwait(false);
        foreach (var pair in open) combiner.MarkRecovered(pair.SeriesId, new BucketRef(pair.KeyId, pair.BucketStart));

        _pending = new PendingTicks(_options, time);
        var flusher = new Flusher(epoch, series, ticks, combiner, _options, time, _observer, outbox);
        var housekeeping = new Housekeeping(epoch, series, ticks, recovery, combiner, pool, open, _options, _observer);
        foreach (var intake in series) housekeeping.RaiseEarliest(intake, time.GetUnixNanoseconds());
        _loop = new FlushLoop(_pending, flusher, combiner, coverage, housekeeping, router, watermark, series, _options, _observer, time);
        _loop.Start();
        Decoder = new TickDecoder(series.ConvertAll(s => s.Ingress), time, pool);
        Pipeline = new IngestPipeline(series, _pending, keys, ticks, _observer, output);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_loop is not null) await _loop.StopAsync().ConfigureAwait(false);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _loop?.Dispose();
        _pending?.Dispose();
    }

    private SeriesIntake NewIntake(SeriesHandle handle)
    {
        var resident = new ResidentKeys();
        var interner = new KeyInterner(
            handle.Plan, (plan, dimensions) => new GatewayKey(plan, dimensions, resident), time, _options.MaxInternedKeys);
        return new SeriesIntake(handle, new SeriesIngress(handle.Plan, interner), resident);
    }
}
