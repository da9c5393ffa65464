namespace Tikr.Gateway.Bounds;

internal static class OneLine
{
    /// <summary>A text that clients have a say in, without what would break a line or steer a terminal.</summary>
    public static string Of(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
}
