using System.Globalization;
using System.Text;

namespace Tikr.Tests.Cluster.Checks;

/// <summary>The table that a run ends with.</summary>
internal static class Summary
{
    public static string Of(IReadOnlyCollection<RoundReport> reports, PublishedRevisions published)
    {
        var text = new StringBuilder();
        text.AppendLine("| event | rounds | acknowledged | bars | wrong | missing | unexpected | not healed | lost | doubled | repeated "
            + "| holes | revised | healed in, worst s | others' answers, worst p99 ms |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var kind in reports.GroupBy(report => report.Event)) text.AppendLine(Row(kind.Key, [.. kind]));
        text.AppendLine(Row("all", reports));
        text.Append(CultureInfo.InvariantCulture,
            $"{published.Records} records published, {published.Repeated} repeated, {published.Differing} differing from their equals");
        return text.ToString();
    }

    private static string Row(string name, IReadOnlyCollection<RoundReport> rounds)
    {
        var healed = rounds.Any(round => round.Healed is null) ? "never"
            : rounds.Max(round => round.Healed!.Value.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture);
        var answers = rounds.Max(round => round.Answers)?.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) ?? "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {rounds.Count} | {rounds.Sum(round => (long)round.Acknowledged)} | {rounds.Sum(round => round.Bars.Bars)} "
                + $"| {rounds.Sum(round => round.Unhealed.Wrong)} | {rounds.Sum(round => round.Unhealed.Missing)} "
                + $"| {rounds.Sum(round => round.Unhealed.Unexpected)} "
                + $"| {rounds.Sum(round => round.Bars.Wrong + round.Bars.Missing + round.Bars.Unexpected)} "
                + $"| {rounds.Sum(round => round.Ticks.Lost + round.Ticks.Invented)} | {rounds.Sum(round => round.Ticks.Doubled)} "
                + $"| {rounds.Sum(round => round.Ticks.Repeated)} | {rounds.Sum(round => round.Holes)} "
                + $"| {rounds.Sum(round => round.Revised)} | {healed} | {answers} |");
    }
}
