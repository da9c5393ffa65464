using System.Text.Json;

namespace Tikr.Gateway.Http;

/// <summary>What <c>/readyz</c> answers.</summary>
/// <param name="Ready">Whether traffic is welcome.</param>
/// <param name="Degraded">Whether something works less well than it should.</param>
/// <param name="Reasons">Why not, and what.</param>
public sealed record ReadyAnswer(bool Ready, bool Degraded, IReadOnlyList<string> Reasons)
{
    /// <summary>The answer now.</summary>
    public static ReadyAnswer Of(Readiness readiness)
    {
        ArgumentNullException.ThrowIfNull(readiness);
        var (reasons, degraded) = (readiness.Reasons(), readiness.Degradations());
        return new ReadyAnswer(reasons.Count == 0, degraded.Count > 0, [.. reasons, .. degraded]);
    }

    /// <summary>As it is sent.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DebugJson.Options);
}
