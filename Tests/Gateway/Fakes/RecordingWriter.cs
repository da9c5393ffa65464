using Google.Protobuf;
using Grpc.Core;

namespace Tikr.Tests.Gateway.Fakes;

/// <summary>Keeps a copy of every row, as a real writer serialises each one before it returns.</summary>
internal sealed class RecordingWriter<T> : IServerStreamWriter<T>
    where T : class, IDeepCloneable<T>
{
    public List<T> Rows { get; } = [];

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message)
    {
        Rows.Add(message.Clone());
        return Task.CompletedTask;
    }

    public Task WriteAsync(T message, CancellationToken cancellationToken) => WriteAsync(message);
}
