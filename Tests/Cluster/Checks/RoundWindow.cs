using System.Globalization;

namespace Tikr.Tests.Cluster.Checks;

/// <summary>The times of a round's ticks: those of the live ones, and those of the replay, which lie behind by a fixed lag.</summary>
/// <param name="FromNs">First time of a live tick.</param>
/// <param name="ToNs">Time after the last.</param>
internal readonly record struct RoundWindow(long FromNs, long ToNs)
{
    /// <summary>The condition on a column of SQL.</summary>
    public string Where(string column) => string.Create(
        CultureInfo.InvariantCulture,
        $"({column} >= {FromNs} AND {column} < {ToNs} OR {column} >= {FromNs - Load.ClusterLoad.ReplayLag} "
            + $"AND {column} < {ToNs - Load.ClusterLoad.ReplayLag})");
}
