using System.Text;

namespace Tikr.Core.Configuration;

/// <summary>Reads the text of configuration files; the only file access of the readers.</summary>
internal static class ConfigFiles
{
    private const int LargestBytes = 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file; null if it cannot be read, which is reported.</summary>
    public static string? Read(string path, Problems problems)
    {
        var at = new Located(path, 0, "", null);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (stream.Length <= LargestBytes)
            {
                using var reader = new StreamReader(stream, Strict);
                return reader.ReadToEnd();
            }

            problems.Reject(at, ConfigMessages.TooLarge(LargestBytes));
        }
        catch (DecoderFallbackException)
        {
            problems.Reject(at, ConfigMessages.NotUtf8);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems.Reject(at, ConfigMessages.Unreadable(error.Message));
        }

        return null;
    }
}
