// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT

// Istio's control plane without a cluster: reads manifests from standard input, and prints what it would send to the ingress gateway and to
// the sidecar of app=echo in namespace apps, listeners and routes, as JSON. The mesh configuration is the file that the argument names.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"google.golang.org/protobuf/proto"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/util/protomarshal"
)

type failer struct{ cleanups []func() }

func (f *failer) Fail()                             { f.FailNow() }
func (f *failer) FailNow()                          { os.Exit(1) }
func (f *failer) Fatal(args ...any)                 { fmt.Fprintln(os.Stderr, args...); f.FailNow() }
func (f *failer) Fatalf(format string, args ...any) { f.Fatal(fmt.Sprintf(format, args...)) }
func (f *failer) Log(args ...any)                   { fmt.Fprintln(os.Stderr, args...) }
func (f *failer) Logf(format string, args ...any)   { f.Log(fmt.Sprintf(format, args...)) }
func (f *failer) TempDir() string                   { return os.TempDir() }
func (f *failer) Helper()                           {}
func (f *failer) Cleanup(do func())                 { f.cleanups = append(f.cleanups, do) }
func (f *failer) Skip(args ...any)                  { f.Fatal(args...) }

func messages[T proto.Message](all []T) []json.RawMessage {
	out := []json.RawMessage{}
	for _, one := range all {
		text, err := protomarshal.ToJSON(one)
		if err != nil {
			panic(err)
		}
		out = append(out, json.RawMessage(text))
	}
	return out
}

func main() {
	manifests, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	settings, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	meshConfig, err := mesh.ApplyMeshConfigDefaults(string(settings))
	if err != nil {
		panic(err)
	}
	plane := core.NewConfigGenTest(&failer{}, core.TestOptions{ConfigString: string(manifests), MeshConfig: meshConfig})
	out := map[string]any{}
	for name, proxy := range map[string]*model.Proxy{
		"gateway": {Type: model.Router, ConfigNamespace: "istio-system", IPAddresses: []string{"10.0.0.1"},
			Metadata: &model.NodeMetadata{Namespace: "istio-system", Labels: map[string]string{"istio": "ingressgateway"}}, Labels: map[string]string{"istio": "ingressgateway"}},
		"sidecar": {Type: model.SidecarProxy, ConfigNamespace: "apps", IPAddresses: []string{"10.0.0.2"},
			Metadata: &model.NodeMetadata{Namespace: "apps", Labels: map[string]string{"app": "echo"}}, Labels: map[string]string{"app": "echo"}},
	} {
		proxy := plane.SetupProxy(proxy)
		out[name] = map[string]any{"listeners": messages(plane.Listeners(proxy)), "routes": messages(plane.Routes(proxy))}
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}
