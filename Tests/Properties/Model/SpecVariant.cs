using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>A spec of the model's series. Between two starts anything of it may change.</summary>
/// <param name="Dedup">Its policy for equal ticks.</param>
/// <param name="RollupNs">Length of a bucket.</param>
/// <param name="Metrics">Which metrics it has.</param>
/// <param name="GraceNs">How long a bucket waits.</param>
/// <param name="Late">Its policy for late ticks.</param>
/// <param name="MissingField">Its policy for ticks that lack a field.</param>
internal sealed record SpecVariant(
    DedupPolicy Dedup, long RollupNs = TestSeries.Second, int Metrics = 0, long GraceNs = SeriesSpec.DefaultGraceNs,
    LatePolicy Late = LatePolicy.Revise, MissingFieldPolicy MissingField = MissingFieldPolicy.Zero)
{
    /// <summary>Every field that ticks are sent with; a spec keeps those that a metric reads.</summary>
    public static readonly string[] Fields = ["bit", "value", "extra"];

    private static readonly long[] Rollups = [TestSeries.Second, TestSeries.Second / 2, 2 * TestSeries.Second];
    private static readonly long[] Graces = [SeriesSpec.DefaultGraceNs, 0, TestSeries.Second];

    // The sum of the bits comes first in all of them: it tells which ticks a bar holds.
    private static readonly MetricSpec[][] Added =
    [
        [],
        [new MetricSpec("most", "extra", FieldType.Int64, "max")],
        [new MetricSpec("most", "extra", FieldType.Int64, "max"), new MetricSpec("start", "extra", FieldType.Int64, "first")],
    ];

    /// <summary>The spec compiled.</summary>
    public SeriesModel ToModel()
    {
        var spec = TestSeries.Model(dedup: Dedup, rollupNs: RollupNs).Spec;
        return new SeriesModel(spec with
        {
            Rebuild = RebuildPolicy.Publish,
            GraceNs = GraceNs,
            Metrics = [.. spec.Metrics, .. Added[Metrics]],
            Late = Late,
            LateTopic = Late == LatePolicy.Route ? "late" : null,
            MissingField = MissingField,
        });
    }

    /// <summary>Another one, changed in one way.</summary>
    public SpecVariant Changed(int choice) => (choice % 6) switch
    {
        0 => this with { Metrics = (Metrics + 1 + (choice / 6 % (Added.Length - 1))) % Added.Length },
        1 => this with { GraceNs = Graces[choice / 6 % Graces.Length] },
        2 => this with { Dedup = Dedup == DedupPolicy.None ? DedupPolicy.Sequence : DedupPolicy.None },
        3 => this with { Late = (LatePolicy)(((int)Late + 1 + (choice / 6 % 2)) % 3) },
        4 => this with { MissingField = (MissingFieldPolicy)(((int)MissingField + 1 + (choice / 6 % 2)) % 3) },
        _ => this with { RollupNs = Rollups[choice / 6 % Rollups.Length] },
    };
}
