using System.IO.Compression;

namespace Tikr.Cli.Replay;

/// <summary>Reads a CSV file, plain or gzip, line by line. Fields may be quoted; a quoted field may not contain a line break.</summary>
internal sealed class CsvReader : IDisposable
{
    private readonly FileStream _file;
    private readonly StreamReader _lines;
    private readonly List<Range> _fields = [];
    private string _line = "";

    public CsvReader(string path)
    {
        try
        {
            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot read '{path}': {error.Message}");
        }

        var content = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(_file, CompressionMode.Decompress) : (Stream)_file;
        _lines = new StreamReader(content);
        Path = path;
    }

    public string Path { get; }

    /// <summary>Number of the line last read, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Bytes of the file behind us and in all, for progress.</summary>
    public long Position => _file.Position;

    public long Length => _file.Length;

    /// <summary>Fields of the line last read.</summary>
    public int FieldCount => _fields.Count;

    /// <summary>Reads the next line that is not empty; false at the end.</summary>
    public bool Read()
    {
        try
        {
            do
            {
                if (_lines.ReadLine() is not { } line) return false;
                _line = line;
                Line++;
            }
            while (_line.Length == 0);
        }
        catch (InvalidDataException error)
        {
            throw new CliException($"{Path}:{Line + 1}: not a valid gzip file: {error.Message}");
        }

        Split();
        return true;
    }

    /// <summary>A field of the line, without quotes.</summary>
    public ReadOnlySpan<char> Field(int index)
    {
        var field = _line.AsSpan(_fields[index]);
        if (field.Length < 2 || field[0] != '"' || field[^1] != '"') return field;
        var inner = field[1..^1];
        return inner.Contains('"') ? inner.ToString().Replace("\"\"", "\"", StringComparison.Ordinal) : inner;
    }

    public void Dispose() => _lines.Dispose();

    private void Split()
    {
        _fields.Clear();
        var start = 0;
        var quoted = false;
        for (var i = 0; i < _line.Length; i++)
        {
            if (_line[i] == '"') quoted = !quoted;
            if (_line[i] != ',' || quoted) continue;
            _fields.Add(start..i);
            start = i + 1;
        }

        _fields.Add(start.._line.Length);
    }
}
