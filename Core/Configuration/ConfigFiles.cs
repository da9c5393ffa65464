using System.Text;

namespace Tikr.Core.Configuration;

/// <summary>Reads the text of configuration files; the only file access of the readers.</summary>
internal static class ConfigFiles
{
    private const int LargestBytes = 1024 * 1024;

    /// <summary>How long a file may take to be read. A pipe that nobody writes to would hold the start up for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file; null if it cannot be read, which is reported.</summary>
    public static string? Read(string path, Problems problems)
    {
        var at = new Located(path, 0, "", null);
        try
        {
            if (BytesOf(path) is not { } bytes) problems.Reject(at, ConfigMessages.NotAFile(Patience));
            else if (bytes.Length > LargestBytes) problems.Reject(at, ConfigMessages.TooLarge(LargestBytes));
            else return TextOf(bytes);
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

    /// <summary>
    /// Where a link in a folder leads, if that is outside of the folder; else null. Links inside are how Kubernetes mounts files.
    /// </summary>
    public static string? ForeignTarget(string path)
    {
        try
        {
            var folder = RealPath(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var target = RealPath(path);
            return target.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? null : target;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // What is no regular file may have no end, or nothing to read: so neither its length nor its end is asked for.
    private static byte[]? BytesOf(string path)
    {
        var reading = Task.Run(() =>
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var bytes = new byte[LargestBytes + 1];
            return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        });
        return Task.WaitAny([reading], Patience) < 0 ? null : reading.GetAwaiter().GetResult();
    }

    private static string TextOf(byte[] bytes)
    {
        using var reader = new StreamReader(new MemoryStream(bytes), Strict);
        return reader.ReadToEnd();
    }

    // Resolves links at every level of the path.
    private static string RealPath(string path)
    {
        var real = Path.GetPathRoot(Path.GetFullPath(path))!;
        foreach (var part in Path.GetRelativePath(real, Path.GetFullPath(path)).Split(Path.DirectorySeparatorChar))
        {
            real = Path.Combine(real, part);
            FileSystemInfo entry = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
            if (entry.ResolveLinkTarget(returnFinalTarget: true) is { } target) real = RealPath(target.FullName);
        }

        return real;
    }
}
