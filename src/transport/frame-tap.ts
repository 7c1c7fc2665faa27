/** What crossed the wire, for a recorder. Apart from `Frame`: who reads these types may lack those of Node. */

/**
 * What crossed the wire, for a recorder. Nothing that was configured is in it: of an endpoint the
 * origin, of a request the path below the endpoint, no request headers.
 */
export type WireFrame =
  | {
      readonly kind: 'http';
      readonly origin: string;
      readonly method: 'GET' | 'POST';
      /** Below the endpoint's own, with the query. */
      readonly path: string;
      readonly body: string | null;
      readonly sentAtUs: number;
      readonly status: number;
      /** Of the response; those that could hold a secret are left out. */
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
      readonly receivedAtUs: number;
    }
  | {
      readonly kind: 'socket';
      readonly origin: string;
      readonly direction: 'in' | 'out';
      readonly text: string;
      readonly atUs: number;
    };

/** Hears every frame at once, in the order of the wire; must not throw. */
export type FrameTap = (frame: WireFrame) => void;
