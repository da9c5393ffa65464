using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Grains.Activations;
using Tikr.Grains.Recompute;
using Tikr.Storage;

namespace Tikr.Grains.Cluster;

/// <summary>What <see cref="SiloExchange"/> does, apart from Orleans.</summary>
internal sealed class ExchangeReceiver(
    ClusterView view, ClusterWatch watch, SiloLinks links, ActivationRegistry registry, SeriesDirectory directory, LiveGateways gateways,
    ForeignActivations activations, SeriesServices services)
{
    /// <summary>Takes a message; completes when its partials are applied.</summary>
    public async Task<ExchangeAnswer> TakeAsync(ExchangeMessage message)
    {
        TakeCoverage(message.Coverage);
        var division = view.Now;
        if (message.Division != division.Fingerprint || links.ClockOf(message.From) is not { } clock)
        {
            watch.Look();
            return new ExchangeAnswer(false);
        }

        var arrivedNs = services.NowNs;
        var offset = clock.Note(message.SentNs, arrivedNs);
        var calls = Apply(message.Partials, offset, division);
        if (calls is not null) await calls.RunAsync().ConfigureAwait(false);
        foreach (var gateway in message.Gateways)
        {
            var throughNs = gateway.DeliveredThroughNs;
            if (throughNs != long.MinValue) gateways.Advance(gateway.Epoch, throughNs + offset, arrivedNs);
            if (gateway.HasDeliveredAgain) view.DeliveredAgain(gateway.Epoch, division.Number);
        }

        return new ExchangeAnswer(true);
    }

    /// <summary>Open bars of keys that are active here.</summary>
    public async Task<OpenBar[]> ReadOpenAsync(string series, UInt128[] hashes, long fromNs, long toNs)
    {
        var open = new List<OpenBar>();
        var bars = new List<Bar>();
        var scans = new List<RecomputeOnce>();
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!registry.TryFind(new SeriesKey(series, hashes[i]), out var activation)) continue;
            activation.ReadOpen(fromNs, toNs, bars, scans);
            foreach (var scan in scans)
            {
                if ((await scan.Answer.ConfigureAwait(false)).Bar is { } bar) bars.Add(bar);
            }

            open.AddRange(bars.OrderBy(bar => bar.BucketStart).Select(bar => new OpenBar(i, bar)));
            bars.Clear();
            scans.Clear();
        }

        return [.. open];
    }

    private void TakeCoverage(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        while (CoverageCodec.TryRead(ref reader, out var entry))
            gateways.Covered(entry.SeriesId, entry.KeyId, entry.BucketStart, entry.Epoch, entry.ThroughFlush);
    }

    // Keys without an activation get one by a grain call, with copies of their partials.
    private ForeignActivations.Calls? Apply(ReadOnlySpan<byte> bytes, long offset, Division division)
    {
        ForeignActivations.Calls? calls = null;
        var reader = new PartialCodec.Reader(bytes);
        var clock = services.Clock();
        while (reader.Next())
        {
            if (!directory.TryFind(reader.SeriesId, out var series) || !division.IsMine(reader.Hash))
            {
                services.Metrics.LostDelivery(1);
                continue;
            }

            reader.Partial.DueNs += offset;
            var key = new SeriesKey(series.Model.Name, reader.Hash);
            if (registry.TryFind(key, out var activation) && activation.TryApply(reader.KeyId, reader.Partial, clock)) continue;
            (calls ??= activations.Begin()).Add(key, reader.KeyId, reader.Partial);
        }

        return calls;
    }
}
