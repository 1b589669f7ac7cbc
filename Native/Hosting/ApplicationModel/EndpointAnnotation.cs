using System.Net.Sockets;
using Aspire.Hosting.Engine;

namespace Aspire.Hosting.ApplicationModel;

public sealed class EndpointAnnotation : IResourceAnnotation
{
    private readonly ValueSnapshot<AllocatedEndpoint> _allocated = new();
    private string? _transport;
    private bool? _tlsEnabled;
    private int? _port;
    private int? _targetPort;

    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
        Name = name ?? UriScheme;
        ResourceNames.Validate(Name);
        _transport = transport;
        _port = port;
        _targetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsProxied = isProxied ?? true;
    }

    public string Name { get; set; }

    public ProtocolType Protocol { get; set; }

    /// <summary>The port others use. Without a proxy it is the port the process listens on, unless told otherwise.</summary>
    public int? Port
    {
        get => _port ?? (IsProxied ? null : _targetPort);
        set => _port = value;
    }

    /// <summary>The port the process listens on.</summary>
    public int? TargetPort
    {
        get => _targetPort ?? (IsProxied ? null : _port);
        set => _targetPort = value;
    }

    public string UriScheme { get; set; }

    public string TargetHost { get; set; } = "localhost";

    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : Protocol.ToString().ToLowerInvariant());
        set => _transport = value;
    }

    public bool IsExternal { get; set; }

    public bool IsProxied { get; set; }

    public bool ExcludeReferenceEndpoint { get; set; }

    public bool TlsEnabled
    {
        get => _tlsEnabled ?? UriScheme == "https";
        set => _tlsEnabled = value;
    }

    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => _allocated.IsValueSet ? _allocated.GetValueAsync().GetAwaiter().GetResult() : null;
        set
        {
            if (value is null)
            {
                _allocated.SetException(new InvalidOperationException($"The endpoint '{Name}' is not allocated."));
            }
            else
            {
                _allocated.SetValue(value);
            }
        }
    }

    internal ValueSnapshot<AllocatedEndpoint> Allocation => _allocated;

    internal bool FromLaunchProfile { get; set; }

    internal string? TargetPortEnvironmentVariable { get; set; }

    /// <summary>The https binding that a manifest gets by default: no certificate is at hand, so it stays out of HTTPS_PORTS.</summary>
    internal bool IsDefaultHttps { get; set; }
}
