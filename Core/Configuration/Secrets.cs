using System.Text.RegularExpressions;

namespace Tikr.Core.Configuration;

/// <summary>Keeps passwords out of messages, also where one stands under a key with a slip in it.</summary>
internal static partial class Secrets
{
    private const string Hidden = "***";

    /// <summary>The text, or nothing of it if it looks like a connection string.</summary>
    public static string? Hide(string? text) => text is not null && ConnectionLike().IsMatch(text) ? Hidden : text;

    [GeneratedRegex(@"pas+w|pwd|(host|server|user|username|user id)\s*=|://[^/@\s]*@",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ConnectionLike();
}
