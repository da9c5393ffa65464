namespace Tikr.Core.Delivery;

/// <summary>
/// How long the grains of this silo keep a due bar open for a gateway that lags. The grains register it; a gateway beside them delivers
/// what it holds back before that.
/// </summary>
/// <param name="Longest">The longest delay.</param>
public sealed record CloseDelay(TimeSpan Longest);
