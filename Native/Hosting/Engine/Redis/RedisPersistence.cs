using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine.Redis;

internal sealed record RedisPersistence(TimeSpan Interval, long KeysChanged) : IResourceAnnotation;
