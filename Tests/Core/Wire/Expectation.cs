using Tikr.Contracts;
using Tikr.Core.Ingest;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Wire;

namespace Tikr.Tests.Core.Wire;

/// <summary>What must come of a request that the generated parser accepted, worked out the simple way.</summary>
internal sealed class Expectation
{
    private readonly List<string> _ticks = [];
    private readonly SortedDictionary<string, long> _refused = [];
    private readonly SortedDictionary<string, long> _zeroFilled = new(StringComparer.Ordinal);
    private bool _unknownFields;

    public static Expectation Of(IngestRequest request, SeriesModel model, long now, long earliest)
    {
        var expectation = new Expectation();
        foreach (var tick in request.Ticks)
        {
            if ((request.Series == model.Name ? ReasonFor(tick, model, now, earliest) : RejectionReasons.UnknownSeries) is { } reason)
            {
                expectation._refused[reason] = expectation._refused.GetValueOrDefault(reason) + 1;
                continue;
            }

            var time = (long)tick.TimestampNs * Unit(model);
            ulong present = 0;
            for (var i = 0; i < model.Fields.Length; i++) present |= tick.Fields.ContainsKey(model.Fields[i].Name) ? 1UL << i : 0;
            expectation._ticks.Add(Describe(
                string.Join('|', model.Spec.Dimensions.Select(dimension => tick.Dimensions[dimension.Name])), time, tick.Sequence,
                model.Fields.Select(field => tick.Fields.TryGetValue(field.Name, out var value) ? value : 0), model.TracksPresence
                    ? present : 0));
            expectation._unknownFields |= UnknownFieldsOf(tick, model).Any();
            if (model.TracksPresence) continue;
            foreach (var name in model.Fields.Select(field => field.Name).Where(name => !tick.Fields.ContainsKey(name)))
                expectation._zeroFilled[name] = expectation._zeroFilled.GetValueOrDefault(name) + 1;
        }

        return expectation;
    }

    public void Check(TickMessage message)
    {
        var columns = message.Columns;
        var ticks = Enumerable.Range(0, columns.Count).Select(i => Describe(
            string.Join('|', message.Keys[i].Dimensions.Values), columns.Times[i], columns.Sequences[i],
                columns.Fields.Select(field => field[i]), columns.Present?[i] ?? 0));
        Assert.Equal(_ticks, ticks);
        Assert.Equal(_refused, new SortedDictionary<string, long>(
            message.Rejections.Counts.ToDictionary(count => count.Reason, count => count.Ticks)));
        Assert.Equal(_ticks.Count + _refused.Values.Sum(), message.Received);
        Assert.Equal(_unknownFields, message.UnknownFields > 0);
        Assert.Equal(_zeroFilled.Values.Sum(), message.ZeroFilled);
        Assert.All(message.ZeroFilledByColumn, (ticks, i) =>
            Assert.Equal(_zeroFilled.GetValueOrDefault(message.Series!.Model.Fields[i].Name), ticks));
        Assert.Equal(_ticks.Count == 0 ? long.MinValue : columns.Times.Take(columns.Count).Max(), message.MaxTimeNs);
        Assert.Equal(_ticks.Count == 0 ? long.MaxValue : columns.Times.Take(columns.Count).Min(), message.MinTimeNs);
        Assert.Equal(message.Keys.Take(columns.Count).Where(key => !key.IsResolved).Distinct(), message.Unresolved);
    }

    private static string? ReasonFor(TickData tick, SeriesModel model, long now, long earliest)
    {
        var spec = model.Spec;
        var names = spec.Dimensions.Select(dimension => dimension.Name).ToHashSet();
        if (tick.Dimensions.Keys.Any(name => !names.Contains(name))) return RejectionReasons.UnknownDimension;
        foreach (var name in spec.Dimensions.Select(dimension => dimension.Name))
        {
            if (!tick.Dimensions.TryGetValue(name, out var value)) return RejectionReasons.MissingDimension;
            if (System.Text.Encoding.UTF8.GetByteCount(value) > spec.MaxDimensionBytes) return RejectionReasons.DimensionTooLong;
        }

        var time = (Int128)tick.TimestampNs * Unit(model);
        if (time < earliest || time > now + spec.MaxFutureNs) return RejectionReasons.TimestampOutOfRange;
        if (spec.Late == LatePolicy.Drop && now >= model.DueOf(model.BucketOf((long)time))) return RejectionReasons.TooLate;
        if (spec.MissingField == MissingFieldPolicy.Reject && model.Fields.Any(field => !tick.Fields.ContainsKey(field.Name)))
            return RejectionReasons.MissingField;
        return spec.UnknownField == UnknownFieldPolicy.Reject && UnknownFieldsOf(tick, model).Any() ? RejectionReasons.UnknownField : null;
    }

    private static IEnumerable<string> UnknownFieldsOf(TickData tick, SeriesModel model) =>
        tick.Fields.Keys.Where(name => model.Spec.Metrics.All(metric => metric.Field != name));

    private static long Unit(SeriesModel model) => model.Spec.Precision switch
    {
        TimestampPrecision.Millisecond => 1_000_000,
        TimestampPrecision.Microsecond => 1_000,
        _ => 1,
    };

    private static string Describe(string key, long time, uint sequence, IEnumerable<long> fields, ulong present) =>
        $"{key} at {time} no. {sequence}: {string.Join(',', fields)} ({present})";
}
