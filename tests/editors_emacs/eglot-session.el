;;; eglot-session.el --- Eglot drives the real server, in batch  -*- lexical-binding: t -*-

;;; Commentary:

;; emacs -Q --batch -l eglot-session.el FILE SERVER-COMMAND...
;;
;; Opens FILE, reviews it, waits for diagnostics, dismisses one, fixes another, cancels a run, opens the transcript:
;; all with what Eglot itself does.  Prints a line for each step; the first that fails ends Emacs with 1.

;;; Code:

(load (expand-file-name "session.el" (file-name-directory load-file-name)) nil t)
(require 'eglot)

(defvar session-notes nil "Diagnostics as the server sent them last.")

(cl-defmethod eglot-handle-notification :before
  (_server (_method (eql textDocument/publishDiagnostics)) &key diagnostics &allow-other-keys)
  "Keep DIAGNOSTICS."
  (setq session-notes (append diagnostics nil)))

(defun session-notes-here ()
  "Diagnostics of the line at point."
  (cl-remove-if-not
   (lambda (note)
     (let ((start (plist-get (plist-get note :range) :start)))
       (= (plist-get start :line) (1- (line-number-at-pos)))))
   session-notes))

(defun session-command (name arguments)
  "Run the server's command NAME with ARGUMENTS; its answer."
  (jsonrpc-request (eglot-current-server) :workspace/executeCommand
                   (list :command name :arguments arguments)))

(defun session-offered (pattern)
  "The command of the code action at point whose title matches PATTERN, or nil."
  (let* ((place (eglot--pos-to-lsp-position))
         (offered (jsonrpc-request
                   (eglot-current-server) :textDocument/codeAction
                   (list :textDocument (eglot--TextDocumentIdentifier)
                         :range (list :start place :end place)
                         :context (list :diagnostics (vconcat (session-notes-here)))))))
    (plist-get (cl-find-if (lambda (action) (string-match-p pattern (plist-get action :title))) offered)
               :command)))

(defun session-choose (pattern)
  "Run the code action at point whose title matches PATTERN, as soon as it is offered; its answer."
  (let ((command (session-wait (format "the menu offers \"%s\"" pattern)
                               (lambda () (session-offered pattern)))))
    (session-command (plist-get command :command) (plist-get command :arguments))))

(defun session-go (text)
  "Put point at the beginning of the line that holds TEXT."
  (goto-char (point-min))
  (search-forward text)
  (beginning-of-line))

(defun session-count (code)
  "Diagnostics whose code matches CODE."
  (cl-count-if (lambda (note) (string-match-p code (plist-get note :code))) session-notes))

(setq eglot-confirm-server-initiated-edits nil
      eglot-connect-timeout 40
      eglot-sync-connect 40)

(let ((file (pop command-line-args-left)))
  (add-to-list 'eglot-server-programs (cons 'python-mode command-line-args-left))
  (setq command-line-args-left nil)
  (find-file file)
  (apply #'eglot (eglot--guess-contact))
  (session-wait "connected" #'eglot-current-server)
  (session-choose ": Review")
  (session-wait "findings are diagnostics" (lambda () (>= (length session-notes) 2)))
  (session-wait "Flymake shows them" (lambda () (flymake-start) (>= (length (flymake-diagnostics)) 2)))
  (session-go "len(prices)")
  (session-choose "Dismiss this finding")
  (session-wait "a dismissed finding is gone" (lambda () (= 0 (session-count "mean"))))
  (session-go "orders=[]")
  (session-choose ": Fix")
  ;; This Eglot does not say that it can ask, so the change waits in the menu.
  (session-choose ": Apply \\(all\\|change 1 of 1\\)")
  (session-wait "the edit is in the buffer"
                (lambda () (string-match-p "orders=None" (buffer-string))))
  (let* ((uri (eglot--path-to-uri (buffer-file-name)))
         (answer (session-command "ponder.run" (vector (list :action "explain" :textDocument (list :uri uri))))))
    (session-command "ponder.cancel" (vector (list :runId (plist-get answer :runId))))
    (session-wait "a run is cancelled"
                  (lambda ()
                    (let ((result (session-command
                                   "ponder.result" (vector (list :runId (plist-get answer :runId))))))
                      (equal (plist-get result :status) "cancelled")))))
  (let ((uri (plist-get (session-command "ponder.transcript" (vector (make-hash-table))) :uri)))
    (find-file (eglot--uri-to-path uri))
    (unless (string-match-p "^# " (buffer-string)) (session-fail "the transcript is no transcript")))
  (message "ok: the transcript is a file")
  (message "done: Emacs %s" emacs-version)
  (set-buffer (get-file-buffer file))
  (set-buffer-modified-p nil)
  (eglot-shutdown (eglot-current-server))
  (kill-emacs 0))

;;; eglot-session.el ends here
