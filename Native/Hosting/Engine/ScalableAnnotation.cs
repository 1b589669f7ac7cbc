using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>The number of replicas can change while the resource runs.</summary>
internal sealed class ScalableAnnotation : IResourceAnnotation;
