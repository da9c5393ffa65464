using System.Buffers;
using Microsoft.Extensions.Logging;
using Tikr.Core.Delivery;
using Tikr.Core.Time;
using Tikr.Grains.Metrics;

namespace Tikr.Grains.Cluster;

/// <summary>
/// Everything that this silo has for another one: partials, coverage, and how far its gateways have come. What gathers while a call is
/// under way goes with the next. A call that fails is made again unchanged, until it succeeds or the other silo is gone; meanwhile nothing
/// here waits for it. What does not fit is lost and counted: it stays uncovered for its gateway, which has it recomputed after a while.
/// </summary>
internal sealed class SiloLink : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly SiloAddress _self;
    private readonly ExchangeClient _client;
    private readonly LiveGateways _gateways;
    private readonly GrainMetrics _metrics;
    private readonly TikrGrainOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Wakeup _wake = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<uint> _deliveredAgain = [];
    private readonly Task _loop;
    private ArrayBufferWriter<byte> _partials = new(), _coverage = new();
    private Division _division = null!;
    private volatile int _confirmed = -1;

    public SiloLink(
        SiloAddress self, SiloAddress silo, ExchangeClient client, LiveGateways gateways, GrainMetrics metrics, TikrGrainOptions options,
        TimeProvider time, ILogger logger)
    {
        (_self, Silo, _client, _gateways, _metrics) = (self, silo, client, gateways, metrics);
        (_options, _time, _logger) = (options, time, logger);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The other silo.</summary>
    public SiloAddress Silo { get; }

    /// <summary>Number of the division under which the other silo last took something; -1 for none.</summary>
    public int Confirmed => _confirmed;

    /// <summary>What its monotonic clock shows, told by what it sends.</summary>
    public ClockOffset Clock { get; } = new();

    /// <summary>
    /// A new division: what waits was meant for the owners of another one. All that no bar covers is delivered again, so it can go.
    /// </summary>
    public void Begin(Division division)
    {
        lock (_lock)
        {
            _division = division;
            _partials.ResetWrittenCount();
            _deliveredAgain.Clear();
        }

        Wake();
    }

    /// <summary>Takes a partial along; false if there is no room.</summary>
    public bool TryAdd(ushort seriesId, in Delivery delivery)
    {
        lock (_lock)
        {
            if (_partials.WrittenCount >= _options.MaxBytesPerSilo) return false;
            PartialCodec.Write(_partials, seriesId, delivery.Key.KeyId, delivery.Key.Dimensions.Hash, delivery.Partial);
            return true;
        }
    }

    /// <summary>Where a gateway of the other silo hears of coverage.</summary>
    public ICoverageSink CoverageOf(uint epoch) => new Sink(this, epoch);

    /// <summary>A lane of this silo has delivered again, under a division, what no bar covers.</summary>
    public void DeliveredAgain(uint epoch, int division)
    {
        lock (_lock)
        {
            if (_division.Number == division) _deliveredAgain.Add(epoch);
        }

        Wake();
    }

    /// <summary>Sends soon what has gathered.</summary>
    public void Wake() => _wake.Set();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
        _wake.Dispose();
    }

    private void Add(in CoverageEntry entry)
    {
        lock (_lock)
        {
            if (_coverage.WrittenCount >= _options.MaxBytesPerSilo) _metrics.LostCoverage();
            else CoverageCodec.Write(_coverage, entry);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(_options.ExchangePeriod, _stop.Token).ConfigureAwait(false);
                await SendAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The other silo is gone, or this one stops.
        }
    }

    private async Task SendAsync()
    {
        var (message, division) = Compose();
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            // Its partials are not for the new division; its coverage still counts.
            if (division != _division) message = WithoutPartials(message);
            if (await TrySendAsync(message, division, attempt).ConfigureAwait(false)) return;
            await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<bool> TrySendAsync(ExchangeMessage message, Division division, int attempt)
    {
        try
        {
            var answer = await _client.Of(Silo).ExchangeAsync(message).WaitAsync(_stop.Token).ConfigureAwait(false);
            if (!answer.IsTaken) return division != _division;
            _metrics.Exchanged(message.Partials.Length + message.Coverage.Length);
            if (attempt > 1) Log.ExchangeAnswered(_logger, Silo, attempt);
            _confirmed = division.Number;
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !_stop.IsCancellationRequested)
        {
            if (attempt == 1) Log.ExchangeFailed(_logger, Silo, error.Message);
            return false;
        }
    }

    // How far the gateways have come is looked at first: what was delivered before that is in the message.
    private (ExchangeMessage Message, Division Division) Compose()
    {
        var gateways = _gateways.Now;
        lock (_lock)
        {
            var message = new ExchangeMessage
            {
                From = _self,
                Division = _division.Fingerprint,
                SentNs = Instant.MonotonicOf(_time),
                Gateways = [.. gateways.Local()
                    .Select(one => new GatewayProgress(one.Epoch, one.ThroughNs, _deliveredAgain.Contains(one.Epoch)))],
                Partials = _partials.WrittenSpan.ToArray(),
                Coverage = _coverage.WrittenSpan.ToArray(),
            };
            _partials.ResetWrittenCount();
            _coverage.ResetWrittenCount();
            return (message, _division);
        }
    }

    private static ExchangeMessage WithoutPartials(ExchangeMessage message) => new()
    {
        From = message.From,
        SentNs = message.SentNs,
        Gateways = [],
        Partials = [],
        Coverage = message.Coverage,
    };

    private sealed class Sink(SiloLink link, uint epoch) : ICoverageSink
    {
        public void Covered(ushort seriesId, uint keyId, long bucketStart, ulong throughFlush) =>
            link.Add(new CoverageEntry(epoch, seriesId, keyId, bucketStart, throughFlush));
    }
}
