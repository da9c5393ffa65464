using System.Globalization;

namespace Tikr.Tests.Cluster.Checks;

/// <summary>What a round showed.</summary>
/// <param name="Round">Its number.</param>
/// <param name="Event">What happened.</param>
/// <param name="Acknowledged">Ticks that were acknowledged.</param>
/// <param name="Ticks">Stored ticks beside those.</param>
/// <param name="Unhealed">Bars as they were when time to heal was up, or earlier when they were right.</param>
/// <param name="Bars">Bars after all was ended and restarted.</param>
/// <param name="Healed">How long bars took to be right, from the event or the end of the load; null if they were not in time.</param>
/// <param name="Revised">Bars that were revised.</param>
/// <param name="Answers">99th percentile of the answers of unconcerned servers during the event; null where none was measured.</param>
/// <param name="Holes">Revisions that were not published.</param>
internal sealed record RoundReport(
    int Round, string Event, int Acknowledged, TickFaults Ticks, BarFaults Unhealed, BarFaults Bars,
    TimeSpan? Healed, int Revised, TimeSpan? Answers, int Holes)
{
    /// <summary>Whether nothing that is promised was broken.</summary>
    public bool IsGood => Ticks.AreNone && Unhealed.AreNone && Bars.AreNone && Holes == 0;

    /// <inheritdoc/>
    public override string ToString()
    {
        var healed = Healed is { } took ? string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.0} s") : "never";
        var answers = Answers is { } p99 ? string.Create(CultureInfo.InvariantCulture, $", others' p99 {p99.TotalMilliseconds:0} ms") : "";
        return $"round {Round}, {Event}: {Acknowledged} acknowledged, {Bars.Bars} bars, healed {healed}, {Revised} revised{answers}"
            + (IsGood ? "" : $"; BROKEN: {Faults}");
    }

    private string Faults =>
        $"{Unhealed.Wrong} wrong, {Unhealed.Missing} missing, {Unhealed.Unexpected} unexpected, "
            + $"{Bars.Wrong + Bars.Missing + Bars.Unexpected} of them also after the restart; {Ticks.Lost} lost, {Ticks.Doubled} doubled, "
            + $"{Ticks.Invented} never sent, {Holes} revisions not published; "
            + string.Join("; ", new[] { Ticks.Example, Unhealed.Example, Bars.Example }.Where(text => text.Length > 0).Distinct());
}
